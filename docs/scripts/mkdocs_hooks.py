"""Hooks of mkdocs, which `mkdocs.yml` names."""


def on_page_content(html: str, **_: object) -> str:
    """Leave the default of an option empty where it has none: mkdocs-click prints click's marker there."""
    return html.replace("<code>Sentinel.UNSET</code>", "")
