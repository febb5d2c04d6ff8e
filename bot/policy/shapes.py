"""Rules over how a reference is written, and over what its file or a chart makes of it."""

from collections.abc import Iterator
from typing import Final

from bot.pins import Pin, Shape
from bot.policy.finding import Party, Remark
from bot.policy.rule import Profile
from bot.policy.sheet import Sheet, Use

_WORDS: Final = {
    Shape.STRING: "one string",
    Shape.DIGEST_KEY: "a digest in a key of its own",
    Shape.TAG_SUFFIX: "a digest in the tag",
    Shape.TAG_KEY: "a tag in a key of its own",
}


def image_shape(use: Use) -> Iterator[Remark]:
    """A first-party image is written in a shape that the profile allows.

    `plan` allows one string, and a mapping with `digest`, alone or beside `tag`; `strict` one string only. A digest in
    the value of `tag` works in some charts and breaks in others. What has no digest at all is the matter of other
    rules.

    Bad:
        image:
          repository: ghcr.io/acme/api
          tag: 1.4.0@sha256:3fa4c1d…

    Good:
        image:
          repository: ghcr.io/acme/api
          tag: 1.4.0
          digest: sha256:3fa4c1d…
    """
    strict = use.house.policy.profile is Profile.STRICT
    refused = use.pin.shape is Shape.TAG_SUFFIX or (strict and use.pin.shape is Shape.DIGEST_KEY)
    if use.party is Party.THIRD or use.rule is None or use.pin.reference.digest is None or not refused:
        return
    name, digest = use.pin.reference.name, use.pin.reference.digest
    instead = f"one string, {name}@{digest}" if strict else f"digest: {digest} in a key of its own"
    yield use.remark(
        f"{use.pin.reference.repository}: {_WORDS[use.pin.shape]}, not allowed by the profile "
        f"{use.house.policy.profile}",
        instead=instead,
    )


def operator_pinned(use: Use) -> Iterator[Remark]:
    """Operators and primitives are pinned by digest, in every environment.

    An operator acts on the whole cluster, and a primitive's image is what its operator rolls out: both move by a
    commit alone. Which images count is said by `policy.operators`: kinds of custom resources by their `spec.image`,
    names, files; and all that stands under a key `operators`.

    Bad:
        # file: env/dev/operators.yaml
        apiVersion: ameide.io/v1
        kind: Domain
        metadata:
          name: sales
        spec:
          image: ghcr.io/acme/sales:1.4.0

    Good:
        # file: env/dev/operators.yaml
        apiVersion: ameide.io/v1
        kind: Domain
        metadata:
          name: sales
        spec:
          image: ghcr.io/acme/sales@sha256:3fa4c1d…
    """
    if use.party is Party.OPERATOR and not use.hidden and use.pin.reference.digest is None:
        tag = use.pin.reference.tag
        beside = f"only the tag {tag}" if tag else "no tag either"
        yield use.remark(
            f"{use.pin.reference.repository}: an operator's or a primitive's image without a digest, {beside}",
            instead=use.pinned,
        )


def digest_in_label(sheet: Sheet) -> Iterator[Remark]:
    """No digest stands in a tag that the chart writes into a label.

    A label's value has at most 63 characters and no `@`: Kubernetes refuses the whole object. Charts are those in the
    checkout whose folder is named as the values file or a folder around it is, or the only one there.

    Bad:
        # file: charts/api/Chart.yaml
        name: api
        # file: charts/api/templates/deployment.yaml
        metadata:
          labels:
            app.kubernetes.io/version: {{ .Values.image.tag | quote }}
        # file: env/staging/api.yaml
        image:
          repository: ghcr.io/acme/api
          tag: 1.4.0@sha256:3fa4c1d…

    Good:
        # file: env/staging/api.yaml
        image:
          repository: ghcr.io/acme/api
          tag: 1.4.0
          digest: sha256:3fa4c1d…
    """
    for use in sheet.uses if sheet.charts else ():
        chart = next((one for one in sheet.charts if one.labels(use.pin.key)), None)
        if use.pin.shape is Shape.TAG_SUFFIX and chart is not None:
            yield use.remark(
                f"{use.pin.reference.repository}: a digest in {use.pin.key}, "
                f"which the chart {chart.folder} writes into a label",
                instead="the digest in a key of its own",
            )


def repository_without_digest(sheet: Sheet) -> Iterator[Remark]:
    """An overlay that overrides `repository` overrides or unsets `digest`, too.

    Values are merged key by key: the digest of the layer below stays, and names nothing in the new repository, or
    something else.

    Bad:
        # file: shared/api.yaml
        image:
          repository: ghcr.io/acme/api
          digest: sha256:3fa4c1d…
        # file: env/dev/api.yaml
        image:
          repository: ghcr.io/acme/api-debug

    Good:
        # file: shared/api.yaml
        image:
          repository: ghcr.io/acme/api
          digest: sha256:3fa4c1d…
        # file: env/dev/api.yaml
        image:
          repository: ghcr.io/acme/api-debug
          digest: sha256:9bc17e0…
    """
    for one in sheet.overrides:
        yield Remark(
            path=one.path,
            line=one.line,
            column=one.column,
            text=one.name,
            message=f"{one.name}: takes the place of another repository, and inherits its digest from {one.named_in}",
            instead="its own digest beside it, or digest: null",
            key=one.key,
        )


def orphan_digest(sheet: Sheet) -> Iterator[Remark]:
    """A digest stands beside its repository, or above one at the same key path in the layers.

    Where no repository is found nobody can check what the digest is of, and `bump` does not move it.

    Bad:
        sidecar:
          image:
            digest: sha256:3fa4c1d…

    Good:
        sidecar:
          image:
            repository: ghcr.io/acme/sidecar
            digest: sha256:3fa4c1d…
    """
    for one in sheet.orphans:
        yield Remark(
            path=one.path,
            line=one.line,
            column=one.column,
            text=str(one.digest),
            message=f"a digest of nothing: {one.reason}",
            instead="repository: beside the digest",
            key=one.key,
        )


def unreadable_file(sheet: Sheet) -> Iterator[Remark]:
    """A file that may name images can be read.

    What cannot be read cannot be checked: a symlink, a file that is no YAML or no UTF-8, is nested without end, or is
    larger than any values file.

    Bad:
        image: [ghcr.io/acme/api:main

    Good:
        image: ghcr.io/acme/api@sha256:3fa4c1d…
    """
    for one in sheet.problems:
        yield Remark(path=one.path, line=one.line, message=f"cannot be checked: {one.reason}", instead="")


def digest_drift(uses: tuple[Use, ...]) -> Iterator[Remark]:
    """A first-party image has one digest in an environment.

    Two digests of one image are two builds side by side: most often one of them was forgotten. The digest that stands
    at most places, or first, is taken for the one that is meant.

    Bad:
        api:
          image: ghcr.io/acme/api@sha256:3fa4c1d…
        migrations:
          image: ghcr.io/acme/api@sha256:9bc17e0…

    Good:
        api:
          image: ghcr.io/acme/api@sha256:3fa4c1d…
        migrations:
          image: ghcr.io/acme/api@sha256:3fa4c1d…
    """
    groups: dict[object, list[Use]] = {}
    for use in uses:
        if use.rule is not None and use.rule.move and not use.hidden and use.pin.reference.digest is not None:
            groups.setdefault(use.pin.reference.repository, []).append(use)
    for group in groups.values():
        yield from _drifted(group)


def _drifted(group: list[Use]) -> Iterator[Remark]:
    digests: dict[object, list[Pin]] = {}
    for use in group:
        digests.setdefault(use.pin.reference.digest, []).append(use.pin)
    if len(digests) < 2:  # noqa: PLR2004 - one digest, as it should be
        return
    meant, places = max(digests.items(), key=lambda item: len(item[1]))
    for use in group:
        digest = use.pin.reference.digest
        if digest is not None and digest != meant:
            others = "one place says" if len(places) == 1 else f"{len(places)} places say"
            yield use.remark(
                f"{use.pin.reference.repository}: {digest.short} {use.place}, but {others} otherwise "
                f"({places[0].path}:{places[0].line})",
                instead=str(meant),
            )
