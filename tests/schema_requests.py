"""Send requests generated from the OpenAPI schema of a running server.

schemathesis is imported on use, because its import takes longer than most tests.
"""

import hypothesis


def send_requests(address):
    """Send requests to every operation of the schema at an address; return the paths of the operations.

    Raises:
        AssertionError: a response was a server error.
    """
    import schemathesis

    schemathesis.serializer("audio/midi", "audio/wav")(as_bytes)
    schema = schemathesis.openapi.from_url(address)
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation in operations:
        _send(operation)
    return {operation.path for operation in operations}


def as_bytes(context, value):
    """Serialize the bytes that schemathesis generates for a MIDI or WAV file."""
    return bytes(value) if isinstance(value, bytes | bytearray) else str(value).encode()


def _send(operation):
    from schemathesis.checks import not_a_server_error

    @hypothesis.settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def ask(case):
        case.call_and_validate(checks=[not_a_server_error])

    ask()
