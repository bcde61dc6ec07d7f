// SPDX-License-Identifier: MIT

// Package schema_test decodes the manifests strictly: an unknown or misspelt field,
// and a value of the wrong type, is an error, as it is for an API server.
package schema_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"
)

func manifest(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("../bpfload.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func daemonSet(t *testing.T) *appsv1.DaemonSet {
	t.Helper()
	var set appsv1.DaemonSet
	if err := yaml.UnmarshalStrict(manifest(t), &set); err != nil {
		t.Fatal(err)
	}
	return &set
}

func TestStrictDecoding(t *testing.T) {
	set := daemonSet(t)
	if set.APIVersion != "apps/v1" || set.Kind != "DaemonSet" {
		t.Errorf("%s %s, want a DaemonSet of apps/v1", set.APIVersion, set.Kind)
	}
	// The decoder has to be one that notices.
	broken := strings.Replace(string(manifest(t)), "hostNetwork:", "hostNetworks:", 1)
	if err := yaml.UnmarshalStrict([]byte(broken), &appsv1.DaemonSet{}); err == nil {
		t.Error("a misspelt field was not noticed")
	}
}

// What the API server checks beyond types.
func TestReferences(t *testing.T) {
	set := daemonSet(t)
	pod := set.Spec.Template
	for k, v := range set.Spec.Selector.MatchLabels {
		if pod.Labels[k] != v {
			t.Errorf("the selector's label %s=%s is not the pod's", k, v)
		}
	}
	if set.Spec.UpdateStrategy.Type != appsv1.RollingUpdateDaemonSetStrategyType {
		t.Errorf("update strategy %q", set.Spec.UpdateStrategy.Type)
	}
	if p := pod.Spec.RestartPolicy; p != "" && p != corev1.RestartPolicyAlways {
		t.Errorf("restart policy %q, which a DaemonSet may not have", p)
	}
	volumes := map[string]bool{}
	for _, v := range pod.Spec.Volumes {
		volumes[v.Name] = true
		if v.HostPath != nil && (v.HostPath.Path != "/sys/fs/bpf" || *v.HostPath.Type != corev1.HostPathDirectory) {
			t.Errorf("volume %s is %s of the node (%s)", v.Name, v.HostPath.Path, *v.HostPath.Type)
		}
	}
	for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] {
				t.Errorf("container %s mounts the volume %q, which is none", c.Name, m.Name)
			}
		}
		for name, want := range c.Resources.Requests {
			if limit, found := c.Resources.Limits[name]; found && limit.Cmp(want) < 0 {
				t.Errorf("container %s asks for more %s than its limit", c.Name, name)
			}
		}
		if c.Resources.Limits.Memory().Cmp(resource.MustParse("1Mi")) < 0 {
			t.Errorf("container %s has no limit of memory", c.Name)
		}
		s := c.SecurityContext
		if s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || (s.Privileged != nil && *s.Privileged) {
			t.Errorf("container %s may gain privileges", c.Name)
		} else if !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) {
			t.Errorf("container %s keeps capabilities", c.Name)
		}
	}
}

// The manifest's command line is one that bpfload takes, and its capabilities are
// those that bpfload derives from the object.
func TestCommandAndCapabilities(t *testing.T) {
	top, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	bpfload := filepath.Join(t.TempDir(), "bpfload")
	build := exec.Command("go", "build", "-o", bpfload, "./cmd/bpfload")
	build.Dir = top
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	load := daemonSet(t).Spec.Template.Spec.InitContainers[0]
	object := ""
	args := slices.Clone(load.Args)
	for i, a := range args {
		if rest, found := strings.CutPrefix(a, "/objects/"); found {
			object = filepath.Join(top, "examples", strings.TrimSuffix(rest, ".o"), rest)
			args[i] = object
		}
	}
	if !slices.Contains(args, "--replace") {
		t.Errorf("%q has no --replace, so an update would fail", args)
	}
	if out, err := exec.Command(bpfload, append(args, "--dry-run")...).CombinedOutput(); err != nil {
		t.Errorf("bpfload %q: %v\n%s", args, err, out)
	}
	out, err := exec.Command(bpfload, "inspect", "--json", object).Output()
	if err != nil {
		t.Fatal(err)
	}
	var needs struct{ Capabilities []string }
	if err := json.Unmarshal(out, &needs); err != nil {
		t.Fatal(err)
	}
	var given []string
	for _, c := range load.SecurityContext.Capabilities.Add {
		given = append(given, "CAP_"+string(c))
	}
	if !slices.Equal(given, needs.Capabilities) {
		t.Errorf("the container is given %v, the object needs %v", given, needs.Capabilities)
	}
}
