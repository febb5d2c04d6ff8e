# What both stages start from, by digest. `make image-test` puts another one here, where Docker Hub is out of reach.
ARG BASE=docker.io/library/python:3.14-slim@sha256:ce40764625a4ff50df3548277632e7f96c4e77fe75fa848aae9885476e7df5a4


# The wheel and its locked libraries, made in a stage that is thrown away.
FROM ${BASE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

COPY requirements/build.txt requirements/run.txt requirements/
RUN for name in tools bump; do python -m venv --without-pip /opt/$name || exit 1; done \
    && pip --python /opt/tools/bin/python install --require-hashes --no-deps --only-binary :all: -r requirements/build.txt \
    && pip --python /opt/bump/bin/python install --require-hashes --no-deps --only-binary :all: -r requirements/run.txt

COPY pyproject.toml README.md LICENSE ./
COPY bot/ bot/
RUN /opt/tools/bin/python -m build --wheel --no-isolation \
    && pip --python /opt/bump/bin/python install --no-index --no-deps dist/*.whl


FROM ${BASE}

# git is the archive's of the day: Debian keeps no old versions to pin. It comes without the library of Perl, which is half
# of its size and serves `git send-email` and its like; what Debian itself needs of Perl is in perl-base and stays.
# pip goes, and the copy of it that `venv` would install: nothing is installed here any more.
# A mounted checkout belongs to another user than the one in here, which git refuses unless told.
# hadolint ignore=DL3008
RUN printf 'path-exclude=%s\n' '/usr/share/perl/*' '/usr/lib/*/perl/*' > /etc/dpkg/dpkg.cfg.d/without-perl \
    && apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
    && python -m pip uninstall --yes --root-user-action ignore pip \
    && rm -rf "$(python -c 'import ensurepip; print(ensurepip.__path__[0])')" \
    && useradd --uid 10001 --user-group --create-home bump \
    && git config --system --add safe.directory /repository

COPY --from=build /opt/bump /opt/bump
ENV PATH=/opt/bump/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

ARG BASE
ARG CREATED
ARG REVISION
ARG SOURCE
ARG VERSION
LABEL org.opencontainers.image.title="bump" \
      org.opencontainers.image.description="Pins the images of a GitOps repository to proven digests" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}"

# Mount the checkout here: docker run --volume "$PWD:/repository" …
WORKDIR /repository
USER 10001:10001
ENTRYPOINT ["bump"]
