# The tag is the pin; to pin the content, give name@sha256:... (docs/docker.md).
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/build.txt requirements/runtime.txt requirements/
# Wheels only: nothing is compiled here, and no package runs code while it is installed.
# Removed files are never imported here: the libraries' own tests, C headers, and Arrow's Flight client. Its client
# for S3 stays, for object storage.
RUN python -m venv /opt/build \
    && python -m venv --without-pip /opt/puffy \
    && /opt/build/bin/python -m pip install --quiet --only-binary :all: --require-hashes -r requirements/build.txt \
    && /opt/build/bin/python -m pip --python /opt/puffy/bin/python install --quiet --only-binary :all: \
        --require-hashes -r requirements/runtime.txt \
    && cd /opt/puffy/lib/python3.*/site-packages \
    && rm -rf pyarrow/include pyarrow/src pyarrow/tests pandas/tests numpy/tests numpy/*/tests \
        pyarrow/*flight*
COPY pyproject.toml README.md LICENSE ./
COPY exporter exporter
COPY prometheus prometheus
COPY alertmanager alertmanager
COPY grafana grafana
RUN /opt/build/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/build/bin/python -m pip --python /opt/puffy/bin/python install --quiet --no-deps --no-index \
        --prefix /opt/own dist/*.whl

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="puffy-exporter" \
      org.opencontainers.image.description="Prometheus exporter for daily data pipelines" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
# A volume that is mounted here for the first time takes over the folder's owner.
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin puffy \
    && install -d -o puffy -g puffy /data /output
# Two layers: a release without new libraries is a download of a megabyte.
COPY --from=build /opt/puffy /opt/puffy
COPY --from=build /opt/own /opt/puffy
ENV PATH=/opt/puffy/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PUFFY_DATA_DIR=/data \
    PUFFY_OUTPUT_DIR=/output \
    PUFFY_WEB_LISTEN_ADDRESS=0.0.0.0:10110
# By number: Kubernetes' runAsNonRoot cannot check a name.
USER 10001:10001
EXPOSE 10110
# The first pass over much data may take minutes; until then the container is not unhealthy.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10m --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:10110/-/ready', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["puffy-exporter"]
CMD ["serve"]
