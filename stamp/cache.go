package stamp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/tree"
)

const (
	// cacheFile holds what earlier checks found to be fine. It is in .git,
	// where it concerns one clone and nobody commits it.
	cacheFile = insideGit + "/checked"

	// maxCache bounds it: twice what a tree of tree.MaxFiles files needs.
	maxCache = 2 << 30

	// clockLag is how far the time of a file may be behind ours: Linux takes it
	// at a tick, which is up to 10 ms.
	clockLag = 50 * time.Millisecond
)

// A cache knows what a check finds of a file whose content is a certain git
// blob, for files that are in order or skipped. Git says which files are the
// blobs of its index, so that nothing of an unchanged tree has to be read.
type cache struct {
	since time.Time         // git was asked after it
	blobs map[string]string // by path; what git's index says
	head  string            // of the file: what its lines depend on
	old   map[string]cached // by path; what the file said
	new   map[string]cached // by path; what this check found
}

// A cached is one line of the cache.
type cached struct {
	blob string
	checked
}

// loadCache returns the cache of root, or nil when there can be none: outside a
// work tree, and when the options ask for other than the standard types.
func loadCache(ctx context.Context, root *os.Root, o *Options) *cache {
	if info, err := root.Lstat(".git"); o.NoCache || o.NoGit || o.custom || err != nil || !info.IsDir() {
		return nil
	}
	c := &cache{since: time.Now(), head: cacheHead() + o.fingerprint, new: map[string]cached{}}
	var wg sync.WaitGroup
	wg.Go(func() { c.blobs, _ = tree.Unchanged(ctx, root) })
	if info, err := root.Lstat(cacheFile); err == nil && info.Mode().IsRegular() && info.Size() <= maxCache {
		if text, err := root.ReadFile(cacheFile); err == nil {
			c.old = c.parse(string(text))
		}
	}
	wg.Wait()
	return c
}

// find returns what a check would find of the file name.
func (c *cache) find(name string) (checked, bool) {
	if c == nil {
		return checked{}, false
	}
	blob, clean := c.blobs[name]
	e, known := c.old[name]
	return e.checked, clean && known && e.blob == blob
}

// learn remembers what a check found, if the file that it read was the one that
// git saw: it was not written since.
func (c *cache) learn(f checked) {
	if c == nil || f.delimited || !f.version.Before(c.since.Add(-clockLag)) || f.State != OK && f.State != Skipped || strings.ContainsAny(f.Path+f.Message+f.uuid, "\t\n") {
		return
	}
	if blob, clean := c.blobs[f.Path]; clean {
		c.new[f.Path] = cached{blob, f}
	}
}

// save writes the cache if something was learnt. A cache that cannot be written
// is done without, and one that is torn by a crash is not read: its first line
// says how long it is.
func (c *cache) save(root *os.Root) {
	if c == nil || len(c.new) == 0 {
		return
	}
	var b strings.Builder
	for name, blob := range c.blobs {
		e, ok := c.new[name]
		if !ok {
			e, ok = c.old[name]
		}
		if ok && e.blob == blob {
			fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\t%s\n", blob, e.uuid, e.Reason, e.Code, e.Message, name)
		}
	}
	tmp := fmt.Sprint(cacheFile, ".", os.Getpid())
	if root.MkdirAll(insideGit, 0o700) != nil || root.WriteFile(tmp, []byte(fmt.Sprintf("%s %d\n%s", c.head, b.Len(), &b)), 0o600) != nil ||
		root.Rename(tmp, cacheFile) != nil {
		_ = root.Remove(tmp)
	}
}

// cacheHead names the program, which another build may not believe.
func cacheHead() string {
	build := "unknown"
	if exe, err := os.Executable(); err == nil {
		if info, err := os.Stat(exe); err == nil {
			build = fmt.Sprint(info.Size(), "-", info.ModTime().UnixNano())
		}
	}
	return "onex-check 1 " + build
}

// fingerprintOf stands for the configuration in the head of a cache.
func fingerprintOf(config []byte) string {
	sum := sha256.Sum256(config)
	return " " + hex.EncodeToString(sum[:8])
}

func (c *cache) parse(text string) map[string]cached {
	head, text, _ := strings.Cut(text, "\n")
	if head != fmt.Sprint(c.head, " ", len(text)) {
		return nil
	}
	entries := make(map[string]cached, strings.Count(text, "\n"))
	for line := range strings.Lines(text) {
		e, name, ok := parseCacheLine(strings.TrimSuffix(line, "\n"))
		if !ok {
			return nil
		}
		entries[name] = e
	}
	return entries
}

func parseCacheLine(line string) (e cached, name string, ok bool) {
	var f [6]string
	for i := range f {
		var more bool
		f[i], line, more = strings.Cut(line, "\t")
		if more != (i < len(f)-1) {
			return e, "", false
		}
	}
	e.blob, e.uuid, e.Path = f[0], f[1], f[5]
	e.State, e.Reason, e.Code, e.Message = OK, tree.Reason(f[2]), fault.Code(f[3]), f[4]
	if e.Reason != "" {
		e.State = Skipped
	}
	return e, e.Path, true
}
