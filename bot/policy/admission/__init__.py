"""What the cluster asks of workloads: the rules of `bump check` that it can see, as ValidatingAdmissionPolicies."""
