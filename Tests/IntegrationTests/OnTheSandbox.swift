import Testing

/// Everything that runs against the real control plane, one test at a time; `scripts/test` brings it up.
@Suite(.serialized) struct OnTheSandbox {}
