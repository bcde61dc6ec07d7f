// SPDX-License-Identifier: MIT

package loader

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfload/bpfload/internal/kerneltest"
)

// TestKernelToken loads an object in a user namespace, without any capability outside
// of it, by the rights that a bpffs delegates; and fails to where it delegates nothing
// of use. The other side is TestTokenChild, in a process of its own.
func TestKernelToken(t *testing.T) {
	needRoot(t)
	skipBigEndian(t)
	kerneltest.Need(t, "6.9", "tokens")
	for name, c := range map[string]struct {
		delegate map[string]string
		want     string
	}{
		"all": {map[string]string{"delegate_cmds": "any", "delegate_maps": "any", "delegate_progs": "any", "delegate_attachs": "any"}, "loaded"},
		"by name": {map[string]string{"delegate_cmds": fmt.Sprintf("%#x", uint64(1<<0|1<<5|1<<18|1<<36)), // map create, prog load, btf load, token create
			"delegate_maps": "any", "delegate_progs": "any", "delegate_attachs": "any"}, "loaded"},
		"no programs": {map[string]string{"delegate_cmds": "any", "delegate_maps": "any"}, "exit 4"},
		"nothing":     {nil, "exit 6 token"},
	} {
		t.Run(name, func(t *testing.T) {
			pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(pair[0])
			theirs := os.NewFile(uintptr(pair[1]), "socket")
			cmd := exec.Command("/proc/self/exe", "-test.run=^TestTokenChild$", "-test.v")
			cmd.Env = append(os.Environ(), "BPFLOAD_TOKEN_CHILD=1")
			cmd.ExtraFiles = []*os.File{theirs}
			cmd.SysProcAttr = &syscall.SysProcAttr{
				Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
				UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}},
				GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}},
			}
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				kerneltest.Without(t, "no user namespace: %v", err)
			}
			theirs.Close()
			fsfd, err := receiveFD(pair[0])
			if err != nil {
				cmd.Wait()
				t.Fatalf("%v\n%s", err, out.String())
			}
			for _, option := range []string{"delegate_cmds", "delegate_maps", "delegate_progs", "delegate_attachs"} {
				if value := c.delegate[option]; value != "" {
					if err := unix.FsconfigSetString(fsfd, option, value); err != nil {
						t.Errorf("%s=%s: %v", option, value, err)
					}
				}
			}
			if err := unix.FsconfigCreate(fsfd); err != nil {
				t.Errorf("creating the bpffs: %v", err)
			}
			unix.Close(fsfd)
			unix.Write(pair[0], []byte("go"))
			if err := cmd.Wait(); err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			_, got, _ := strings.Cut(out.String(), "verdict: ")
			got, _, _ = strings.Cut(got, "\n")
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q\n%s", got, c.want, out.String())
			}
		})
	}
}

// TestKernelNoToken asks where there is none to be had.
func TestKernelNoToken(t *testing.T) {
	root := mountBPFFS(t)
	want := 6 // the first user namespace has none
	if !kerneltest.Has(t, "6.9") {
		want = 3
	}
	_, err := sample(t, "xdp_counters.o").Load(t.Context(), &LoadOptions{TokenFrom: root})
	if e := Classify(err); err == nil || e.ExitCode() != want || e.Code != "token" {
		t.Errorf("got %v, want exit %d", err, want)
	}
}

// TestTokenChild is what TestKernelToken starts.
func TestTokenChild(t *testing.T) {
	if os.Getenv("BPFLOAD_TOKEN_CHILD") == "" {
		t.Skip("TestKernelToken starts it")
	}
	fsfd, err := unix.Fsopen("bpf", unix.FSOPEN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Sendmsg(3, []byte("fs"), unix.UnixRights(fsfd), nil, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Read(3, make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	mnt, err := unix.Fsmount(fsfd, unix.FSMOUNT_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := unix.MoveMount(mnt, "", unix.AT_FDCWD, dir, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	o := sample(t, "xdp_counters.o")
	if _, err := o.Load(t.Context(), nil); err == nil || Classify(err).ExitCode() != 4 {
		t.Fatalf("without a token: %v", err)
	}
	l, err := o.Load(t.Context(), &LoadOptions{TokenFrom: dir, PinDir: dir + "/set", BPFFS: dir})
	var e *Error
	switch {
	case err == nil:
		fmt.Println("verdict: loaded", len(l.Programs), len(l.Maps))
		l.Close()
	case errors.As(err, &e):
		fmt.Println("verdict: exit", e.ExitCode(), e.Code, err)
	default:
		t.Fatal(err)
	}
}

func receiveFD(socket int) (int, error) {
	oob := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(socket, make([]byte, 8), oob, 0)
	if err != nil {
		return -1, err
	}
	messages, err := unix.ParseSocketControlMessage(oob[:n])
	if err != nil || len(messages) != 1 {
		return -1, fmt.Errorf("no descriptor came: %v", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return -1, err
	}
	return fds[0], nil
}
