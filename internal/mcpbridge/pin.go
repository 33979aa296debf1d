package mcpbridge

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/internal/schema"
	"github.com/omninode-ai/onex/node"
)

// The files that hold pins, in the project's data directory, and their limits.
const (
	pinFile  = "mcp-pins.json"
	pinLock  = "mcp-pins.lock"
	maxPins  = 64 << 20               // bytes of the file
	lockWait = 2 * time.Second        // for another process that writes, which takes milliseconds
	lockStep = 10 * time.Millisecond  // between two tries
	lookStep = 500 * time.Millisecond // between two looks whether another process has accepted something
)

// A Pin is the definition of a tool that was accepted: for the first time when
// it was first seen, later by a person.
type Pin struct {
	Tool node.Tool `json:"tool,omitzero"`
	Hash string    `json:"hash"`           // SHA-256 of the canonical JSON of Tool or Definition
	Node node.Name `json:"node"`           // that offered it
	From []string  `json:"from,omitempty"` // identities of the nodes that may; empty in files of before, where Node may
	Time time.Time `json:"accepted_at"`

	Definition json.RawMessage `json:"definition,omitempty"` // of a prompt or a template, in place of Tool
}

// accepts reports whether p is the definition that was accepted, by a node that
// it was accepted from.
func (p Pin) accepts(q promise) bool {
	return p.Hash == q.hash && (q.by == "" || slices.Contains(p.From, q.by) || p.old() && (p.Node == "" || p.Node == q.from()))
}

// old reports whether p was written before pins knew identities.
func (p Pin) old() bool { return len(p.From) == 0 }

// A promise is a definition and the instances of one node that offer it.
type promise struct {
	event.ToolEntry
	hash string
	by   string // identity of the node; empty when nobody offers it now
}

// identity is what all instances of a node have in common: the uuid of its
// manifest, or its name when it has none.
func identity(p event.Provider) string { return cmp.Or(p.UUID, string(p.Name)) }

// apart parts the given entries by the nodes that offer them.
func apart(entries []event.ToolEntry) (all []event.ToolEntry) {
	for _, e := range entries {
		if len(e.Providers) == 0 {
			all = append(all, e)
		}
		place := map[string]int{}
		for _, p := range e.Providers {
			at, seen := place[identity(p)]
			if !seen {
				at = len(all)
				place[identity(p)] = at
				all = append(all, event.ToolEntry{Tool: e.Tool})
			}
			all[at].Providers = append(all[at].Providers, p)
		}
	}
	return all
}

func newPromise(e event.ToolEntry) (promise, error) {
	raw, err := form(e.Tool)
	if err == nil {
		raw, err = schema.Canonical(raw)
	}
	if err != nil {
		return promise{}, ErrPins.Wrap(err, "tool %q", e.Tool.Name)
	}
	sum := sha256.Sum256(raw)
	return promiseOf(e, hex.EncodeToString(sum[:])), nil
}

func promiseOf(e event.ToolEntry, hash string) promise {
	p := promise{ToolEntry: e, hash: hash}
	if len(e.Providers) > 0 {
		p.by = identity(e.Providers[0])
	}
	return p
}

func newPromises(entries []event.ToolEntry) (all []promise, err error) {
	for _, e := range apart(entries) {
		p, err := newPromise(e)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// from names the first node that offers p.
func (p promise) from() node.Name {
	if len(p.Providers) == 0 {
		return ""
	}
	return p.Providers[0].Name
}

func (p promise) nodes() []string {
	if p.by == "" {
		return nil
	}
	return []string{p.by}
}

func (p promise) pin() Pin {
	pin := Pin{Tool: p.Tool, Hash: p.hash, Node: p.from(), From: p.nodes(), Time: time.Now().UTC().Truncate(time.Second)}
	if isPinName(p.Tool.Name) {
		pin.Tool, pin.Definition = node.Tool{}, p.Tool.Input
	}
	return pin
}

// Pins are the accepted definitions of a project's tools. They are a file that
// any number of processes may read and change.
type Pins struct{ dir string }

// NewPins returns the pins kept in dir, which must exist.
func NewPins(dir string) *Pins { return &Pins{dir} }

// Load returns all pins. It fails with [ErrPins] when the file cannot be read;
// one that does not exist holds none.
func (p *Pins) Load() (map[node.ToolName]Pin, error) {
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		return nil, ErrPins.Wrap(err, "open")
	}
	defer root.Close()
	return load(root)
}

func load(root *os.Root) (map[node.ToolName]Pin, error) {
	pins := map[node.ToolName]Pin{}
	info, err := root.Stat(pinFile)
	if errors.Is(err, fs.ErrNotExist) {
		return pins, nil
	}
	if err == nil && info.Size() > maxPins {
		return nil, ErrPins.With("%s has %d bytes, more than %d", pinFile, info.Size(), int64(maxPins))
	}
	data, err := root.ReadFile(pinFile)
	if err == nil {
		err = json.Unmarshal(data, &pins)
	}
	if err != nil {
		return nil, ErrPins.Wrap(err, "read")
	}
	return pins, nil
}

// Accept pins the given promises, in place of other definitions pinned under
// their names, and beside the nodes that the same were accepted from.
func (p *Pins) Accept(ctx context.Context, entries ...event.ToolEntry) error {
	return p.add(ctx, entries, true)
}

// Pin pins those of the given promises under whose names nothing is pinned yet.
func (p *Pins) Pin(ctx context.Context, entries ...event.ToolEntry) error {
	return p.add(ctx, entries, false)
}

// add pins promises; those whose names have a pin only if replace is set.
func (p *Pins) add(ctx context.Context, entries []event.ToolEntry, replace bool) error {
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		return ErrPins.Wrap(err, "open")
	}
	defer root.Close()
	lock, err := acquire(ctx, root)
	if err != nil {
		return ErrPins.Wrap(err, "lock")
	}
	defer lock.Release()
	pins, err := load(root)
	if err != nil {
		return err
	}
	promises, err := newPromises(entries)
	if err != nil {
		return err
	}
	merge(pins, promises, replace)
	data, err := json.MarshalIndent(pins, "", "  ")
	if err == nil {
		err = atomicfile.Write(root, pinFile, append(data, '\n'), 0o600)
	}
	if err != nil {
		return ErrPins.Wrap(err, "write")
	}
	return nil
}

// merge adds promises to pins. Several nodes that are first seen with the same
// definition are accepted together; a pin of before learns the identity of its node.
func merge(pins map[node.ToolName]Pin, promises []promise, replace bool) {
	made := map[node.ToolName]bool{}
	for _, p := range promises {
		name := p.Tool.Name
		pin, pinned := pins[name]
		switch {
		case !pinned || replace && pin.Hash != p.hash:
			pins[name], made[name] = p.pin(), true
		case pin.Hash == p.hash && (replace || made[name]) && !pin.accepts(p), pin.old() && pin.accepts(p):
			pin.From = slices.Concat(pin.From, p.nodes())
			pins[name] = pin
		}
	}
}

// acquire waits for the lock of the file.
func acquire(ctx context.Context, root *os.Root) (*atomicfile.Lock, error) {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	for {
		lock, err := atomicfile.Acquire(root, pinLock)
		if !errors.Is(err, atomicfile.ErrLocked) || !rest(ctx, lockStep) {
			return lock, err
		}
	}
}

// stamp tells one state of the file from another.
func (p *Pins) stamp() string {
	info, err := os.Stat(filepath.Join(p.dir, pinFile))
	if err != nil {
		return ""
	}
	return info.ModTime().String() + " " + strconv.FormatInt(info.Size(), 10)
}

// A Difference is a tool whose definition is not the one that was accepted, or
// that comes from a node from which it was not.
type Difference struct {
	Tool    node.ToolName   `json:"tool"`
	Was     node.Name       `json:"accepted_from"` // the node that offered it when it was accepted
	Node    node.Name       `json:"offered_by"`
	By      string          `json:"offered_by_id"` // identity of that node: the uuid of its manifest, or its name
	Changes []Change        `json:"changes"`       // none when only the node is another
	Now     event.ToolEntry `json:"-"`             // to accept
}

// Differences compares what the registry offers with the pins, in the order of
// entries. Tools without a pin, and those that are as accepted, are left out.
func Differences(pins map[node.ToolName]Pin, entries []event.ToolEntry) ([]Difference, error) {
	promises, err := newPromises(entries)
	if err != nil {
		return nil, err
	}
	return differences(pins, promises)
}

func differences(pins map[node.ToolName]Pin, promises []promise) (all []Difference, err error) {
	for _, p := range promises {
		pin, pinned := pins[p.Tool.Name]
		if !pinned || pin.accepts(p) {
			continue
		}
		changes, err := compare(pin, p.Tool)
		if err != nil {
			return nil, err
		}
		all = append(all, Difference{p.Tool.Name, pin.Node, p.from(), p.by, changes, p.ToolEntry})
	}
	return all, nil
}

// sortedKeys returns the keys of m, sorted.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
