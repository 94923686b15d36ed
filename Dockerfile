# syntax=docker/dockerfile:1
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements/ requirements/
RUN python -m venv /opt/lpm-sync \
 && /opt/lpm-sync/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md ./
COPY lpm_sync/ lpm_sync/
COPY connectors/ connectors/
RUN /opt/build/bin/python -m hatchling build -t wheel -d /tmp/wheel \
 && /opt/lpm-sync/bin/pip install --no-cache-dir --no-deps /tmp/wheel/*.whl

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home lpm-sync \
 && install -d -o lpm-sync /var/lib/lpm-sync /etc/lpm-sync
COPY --from=build /opt/lpm-sync /opt/lpm-sync
ENV PATH=/opt/lpm-sync/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LPM_CONFIG=/etc/lpm-sync \
    LPM_STATE=/var/lib/lpm-sync/lpm-sync.sqlite3 \
    LPM_LISTEN_HOST=0.0.0.0 \
    LPM_LISTEN_PORT=8080
USER 10001
WORKDIR /var/lib/lpm-sync
VOLUME ["/var/lib/lpm-sync"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['LPM_LISTEN_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["lpm-sync"]
CMD ["serve"]
