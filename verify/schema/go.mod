// Checks the SARIF of package verify against the schema of the standard. A module of
// its own, so that nothing else depends on the validator.
module github.com/bpfload/bpfload/verify/schema

go 1.26.0

require github.com/santhosh-tekuri/jsonschema/v6 v6.0.3

require golang.org/x/text v0.14.0 // indirect
