"""What `bump demo` plays on: a registry on loopback and a scratch git repository, the same on every machine."""
