package parity_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/examples"
	"github.com/omninode-ai/onex/host"
	"github.com/omninode-ai/onex/internal/peer"
	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

// newKey makes a key, and the file that allows it to sign.
func newKey(t *testing.T) (*sshsig.Signer, *sshsig.AllowedSigners) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if out, err := exec.Command(peer.Find(t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	signer, err := sshsig.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	allowed, err := sshsig.ParseAllowedSigners([]byte(signer.AllowedLine("ann@example.com")))
	if err != nil {
		t.Fatal(err)
	}
	return signer, allowed
}

// receiptOf checks a node and returns its receipt.
func receiptOf(t *testing.T, n parity.Node) parity.Receipt {
	t.Helper()
	r, _ := run(t, []parity.Node{n}, parity.Options{CLI: misbehaving(t, "good")})
	receipt, err := r.Receipt(n.Name)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

func TestAReceiptIsRefusedAfterOneByte(t *testing.T) {
	signer, allowed := newKey(t)
	receipt := receiptOf(t, dir("testdata/good/escapes"))
	file, err := receipt.Sign(t.Context(), signer)
	if err != nil {
		t.Fatal(err)
	}
	got, who, err := parity.VerifyReceipt(file, allowed)
	if err != nil || who.String() != "ann@example.com" || got.ContractHash != receipt.ContractHash || got.Examples == 0 || len(got.Paths) < 3 {
		t.Fatalf("%+v, %v, %v", got, who, err)
	}
	for i := range file {
		for _, flip := range []byte{1, 0x20} {
			mutant := append([]byte{}, file...)
			mutant[i] ^= flip
			if got, _, err := parity.VerifyReceipt(mutant, allowed); err == nil {
				t.Fatalf("byte %d: %q for %q is accepted as %+v", i, mutant[i], file[i], got)
			}
		}
	}
	if _, other := newKey(t); other != nil {
		if _, _, err := parity.VerifyReceipt(file, other); !errors.Is(err, sshsig.ErrUnknownSigner) {
			t.Errorf("a stranger's signature: %v", err)
		}
	}
}

func TestAReceiptCoversOneContractOneProgramAndOneMonth(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	r := parity.Receipt{ContractHash: "c", BinaryHash: "b", Time: now}
	for _, tt := range []struct {
		name, contract, binary string
		at                     time.Time
		ok                     bool
	}{
		{"as it was", "c", "b", now, true},
		{"almost a month later", "c", "b", now.Add(parity.ReceiptAge), true},
		{"other contract", "d", "b", now, false},
		{"other program", "c", "d", now, false},
		{"too late", "c", "b", now.Add(parity.ReceiptAge + time.Second), false},
		{"from the future", "c", "b", now.Add(-time.Hour), false},
	} {
		if err := r.Covers(tt.contract, tt.binary, tt.at); (err == nil) != tt.ok || err != nil && !errors.Is(err, parity.ErrStale) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestWhatDidNotPassGetsNoReceipt(t *testing.T) {
	untried, err := examples.Write(t.TempDir(), "dice")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(untried, node.ContractFile)); err != nil { // and so it has no examples
		t.Fatal(err)
	}
	for _, n := range []parity.Node{dir("testdata/mutants/float_formatting"), dir("testdata/mutants/no_contract"), dir(untried), goNode("wrong_status")} {
		r, _ := run(t, []parity.Node{n}, parity.Options{CLI: misbehaving(t, "good")})
		if receipt, err := r.Receipt(n.Name); !errors.Is(err, parity.ErrReceipt) {
			t.Errorf("%s: %+v, %v", n.Name, receipt, err)
		}
	}
	r, _ := run(t, []parity.Node{dir("testdata/good/escapes")}, parity.Options{Paths: []string{"memory"}})
	if _, err := r.Receipt("testdata/good/elsewhere"); !errors.Is(err, parity.ErrReceipt) {
		t.Errorf("a node that was not checked: %v", err)
	}
}

// TestTrustIsEarned changes one thing at a time of an announcement that is
// verified.
func TestTrustIsEarned(t *testing.T) {
	signer, allowed := newKey(t)
	from := t.TempDir()
	if err := os.CopyFS(from, os.DirFS("testdata/good/escapes")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(from, "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	receipt, err := receiptOf(t, dir(from)).Sign(t.Context(), signer)
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.Load(t.Context(), from, &host.Options{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	good := event.NodeAnnounce{Manifest: h.Manifest(), Contract: h.Contract(), Receipt: string(receipt)}
	if good.Binary, err = host.ProgramHash(from, good.Manifest, good.Contract); err != nil {
		t.Fatal(err)
	}
	statement, err := node.Statement(good.Manifest, good.Contract)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := signer.Sign(t.Context(), sshsig.Node, statement)
	if err != nil {
		t.Fatal(err)
	}
	good.Signature = string(signature)
	for _, tt := range []struct {
		name   string
		change func(*event.NodeAnnounce)
		want   node.Trust
	}{
		{"as it is", func(*event.NodeAnnounce) {}, node.Verified},
		{"no receipt", func(a *event.NodeAnnounce) { a.Receipt = "" }, node.Trusted},
		{"no signature", func(a *event.NodeAnnounce) { a.Signature = "" }, node.Untrusted},
		{"other program", func(a *event.NodeAnnounce) { a.Binary = "0" }, node.Trusted},
		{"damaged receipt", func(a *event.NodeAnnounce) { a.Receipt = a.Receipt[1:] }, node.Trusted},
		{"other command", func(a *event.NodeAnnounce) { a.Manifest.Program.Command = []string{"sh"} }, node.Untrusted},
		{"other owner", func(a *event.NodeAnnounce) { a.Manifest.Owner = "Eve" }, node.Untrusted},
		{"other contract", func(a *event.NodeAnnounce) { a.Contract.Description = "other" }, node.Untrusted},
		{"other signer", func(a *event.NodeAnnounce) { a.Manifest.Signer = "eve@example.com" }, node.Untrusted},
		{"stamped again", func(a *event.NodeAnnounce) {
			a.Manifest.Meta = append(a.Manifest.Meta, node.Field{Key: "last_modified_at", Value: []byte(`"2026-01-01T00:00:00Z"`)})
		}, node.Verified},
	} {
		a := good
		tt.change(&a)
		if got, err := parity.Judge(a, allowed, time.Now()); got != tt.want {
			t.Errorf("%s: %s, want %s (%v)", tt.name, got, tt.want, err)
		}
	}
	if got, _ := parity.Judge(good, allowed, time.Now().Add(parity.ReceiptAge+time.Hour)); got != node.Trusted {
		t.Errorf("a month later: %s", got)
	}
}
