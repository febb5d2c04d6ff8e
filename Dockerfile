# The wheel and its locked libraries, made in a stage that is thrown away.
FROM python:3.14-slim@sha256:ce40764625a4ff50df3548277632e7f96c4e77fe75fa848aae9885476e7df5a4 AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src

COPY requirements/ requirements/
RUN python -m venv /tools \
    && /tools/bin/pip install --require-hashes --no-deps --only-binary :all: -r requirements/build.txt \
    && python -m venv --without-pip /opt/bump \
    && pip --python /opt/bump/bin/python install --require-hashes --no-deps --only-binary :all: -r requirements/run.txt

COPY pyproject.toml README.md LICENSE ./
COPY bot/ bot/
RUN /tools/bin/python -m build --wheel --no-isolation \
    && pip --python /opt/bump/bin/python install --no-index --no-deps dist/*.whl


FROM python:3.14-slim@sha256:ce40764625a4ff50df3548277632e7f96c4e77fe75fa848aae9885476e7df5a4

# git is the archive's of the day: Debian keeps no old versions to pin.
# A mounted checkout belongs to another user than the one in here, which git refuses unless told.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home bump \
    && git config --system --add safe.directory /repository

COPY --from=build /opt/bump /opt/bump
ENV PATH=/opt/bump/bin:$PATH PYTHONUNBUFFERED=1

ARG REVISION
ARG CREATED
ARG SOURCE
LABEL org.opencontainers.image.title="bump" \
      org.opencontainers.image.description="Pins the images of a GitOps repository to proven digests" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"

# Mount the checkout here: docker run --volume "$PWD:/repository" …
WORKDIR /repository
USER 10001
ENTRYPOINT ["bump"]
