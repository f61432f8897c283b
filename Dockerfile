# The page: docker build -t drumtok . && docker run --rm -p 8808:8808 drumtok
FROM python:3.11-slim

WORKDIR /app
COPY . .
RUN pip install --no-cache-dir -c constraints.txt '.[web]' && rm -rf /app/*

RUN useradd --create-home --uid 1000 drumtok
USER 1000
WORKDIR /home/drumtok

EXPOSE 8808
# Whoever reaches the port needs the token that is printed at the start; `docker run ... drumtok --token WORD` sets it.
ENTRYPOINT ["drumtok", "serve", "--host", "0.0.0.0", "--port", "8808"]
