"""What hypothesis draws for this room's values."""

from hypothesis import strategies as st

from bot.image import Digest, Platform

_ALNUM = "abcdefghijklmnopqrstuvwxyz0123456789"

_words = st.text(_ALNUM, min_size=1, max_size=8)
_separators = st.sampled_from([".", "_", "__", "-", "--"])
components = st.builds(
    lambda first, others: first + "".join(separator + word for separator, word in others),
    _words,
    st.lists(st.tuples(_separators, _words), max_size=2),
)
paths = st.lists(components, min_size=1, max_size=4).map("/".join)
hosts = st.one_of(
    st.sampled_from(
        ["ghcr.io", "GHCR.io", "docker.io", "index.docker.io", "localhost", "localhost:5000", "registry.corp:5000"]
    ),
    st.sampled_from(["[::1]:5000", "127.0.0.1:5000", "a:1", "xn--fiq228c.example"]),
)
# Without a host the first component of several must not look like one.
unhosted = paths.filter(lambda path: "/" not in path or "." not in path.partition("/")[0])
names = st.one_of(unhosted, st.builds("{}/{}".format, hosts, paths))
tags = st.from_regex(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}", fullmatch=True)
digests = st.one_of(
    st.binary(max_size=16).map(Digest.of),
    st.binary(max_size=16).map(lambda content: Digest.of(content, algorithm="sha512")),
)
references = st.builds(
    lambda name, tag, digest: name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else ""),
    names,
    st.none() | tags,
    st.none() | digests,
)
platforms = st.builds(
    Platform.of,
    st.sampled_from(["linux", "Linux", "windows", "darwin", "macOS", "freebsd"]),
    st.sampled_from(
        ["amd64", "x86_64", "x86-64", "arm64", "aarch64", "arm", "armhf", "armel", "i386", "386", "riscv64"]
    ),
    st.sampled_from(["", "v1", "v2", "v5", "v6", "v7", "v8", "V8", "5", "6", "7", "8"]),
)
