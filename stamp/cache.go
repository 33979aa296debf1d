package stamp

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
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
// blobs of its index, so that nothing of an unchanged tree has to be read. Its
// lines are sorted by path, as the files of a list are: one goes through both.
type cache struct {
	since time.Time // git's index was read after it
	head  string    // of the file: what its lines depend on
	whole bool      // the check sees all files
	lines string    // of the file
	rest  string    // those that find has not come to
	next  cached    // what it is at
	new   []cached  // what this check found, by path
}

// A cached is one line of the cache. Its path is empty where there is none.
type cached struct {
	blob string // as bytes
	checked
}

// loadCache returns the cache of root, or nil when there can be none: outside a
// work tree, and when the options ask for other than the standard types.
func loadCache(root *os.Root, o *Options) *cache {
	if info, err := root.Lstat(".git"); o.NoCache || o.NoGit || o.custom || err != nil || !info.IsDir() {
		return nil
	}
	c := &cache{since: time.Now(), head: cacheHead() + o.fingerprint, whole: o.everything()}
	if info, err := root.Lstat(cacheFile); err == nil && info.Mode().IsRegular() && info.Size() <= maxCache {
		if text, err := root.ReadFile(cacheFile); err == nil {
			head, lines, _ := strings.Cut(string(text), "\n")
			if head == fmt.Sprint(c.head, " ", len(lines)) {
				c.lines = lines
			}
		}
	}
	c.rewind()
	return c
}

func (c *cache) rewind() {
	c.rest, c.next = c.lines, cached{}
	c.advance()
}

// advance makes the first line of the rest the next. The lines after one that is
// malformed are not believed.
func (c *cache) advance() {
	line, rest, _ := strings.Cut(c.rest, "\n")
	last := c.next.Path
	c.next, c.rest = parseCacheLine(line), rest
	if c.next.Path <= last {
		c.next, c.rest = cached{}, ""
	}
}

// find returns what a check would find of f. Files must come in the order of
// their paths.
func (c *cache) find(f tree.File) (checked, bool) {
	if c == nil {
		return checked{}, false
	}
	for c.next.Path != "" && c.next.Path < f.Path {
		c.advance()
	}
	return c.next.checked, f.Blob != "" && c.next.Path == f.Path && c.next.blob == f.Blob
}

// learn remembers what a check found of f, if the file that it read was the one
// that git saw: it was not written since.
func (c *cache) learn(f tree.File, found checked) {
	if c == nil || f.Blob == "" || found.delimited || !found.version.Before(c.since.Add(-clockLag)) || found.State != OK && found.State != Skipped ||
		strings.ContainsAny(found.Path+found.Message+found.uuid, "\t\n") {
		return
	}
	c.new = append(c.new, cached{f.Blob, found})
}

// save writes the cache if something was learnt; files are those that were
// checked. A cache that cannot be written is done without, and one that is torn
// by a crash is not read: its first line says how long it is.
func (c *cache) save(root *os.Root, files []tree.File) {
	if c == nil || len(c.new) == 0 {
		return
	}
	all := append(c.new, c.old(files)...) // what is new comes before what was known of the same file
	slices.SortStableFunc(all, func(a, b cached) int { return strings.Compare(a.Path, b.Path) })
	all = slices.CompactFunc(all, func(a, b cached) bool { return a.Path == b.Path })
	var b strings.Builder
	for _, e := range all {
		fmt.Fprintf(&b, "%x\t%s\t%s\t%s\t%s\t%s\n", e.blob, e.uuid, e.Reason, e.Code, e.Message, e.Path)
	}
	tmp := fmt.Sprint(cacheFile, ".", os.Getpid())
	if root.MkdirAll(insideGit, 0o700) != nil || root.WriteFile(tmp, []byte(fmt.Sprintf("%s %d\n%s", c.head, b.Len(), &b)), 0o600) != nil ||
		root.Rename(tmp, cacheFile) != nil {
		_ = root.Remove(tmp)
	}
}

// old returns the lines that stay: those of files, and if they are not all that
// there are, of others.
func (c *cache) old(files []tree.File) (kept []cached) {
	c.rewind()
	if !c.whole {
		for ; c.next.Path != ""; c.advance() {
			kept = append(kept, c.next)
		}
		return kept
	}
	for _, f := range files {
		if _, ok := c.find(f); ok {
			kept = append(kept, c.next)
		}
	}
	return kept
}

// cacheHead names the program, which another build may not believe.
func cacheHead() string {
	build := "unknown"
	if exe, err := os.Executable(); err == nil {
		if info, err := os.Stat(exe); err == nil {
			build = fmt.Sprint(info.Size(), "-", info.ModTime().UnixNano())
		}
	}
	return "onex-check 2 " + build
}

// fingerprintOf stands for the configuration in the head of a cache.
func fingerprintOf(config []byte) string {
	sum := sha256.Sum256(config)
	return " " + hex.EncodeToString(sum[:8])
}

// parseCacheLine reads a line of the cache. That of one that is malformed has no
// path.
func parseCacheLine(line string) (e cached) {
	var f [6]string
	for i := range f {
		var more bool
		f[i], line, more = strings.Cut(line, "\t")
		if more != (i < len(f)-1) {
			return cached{}
		}
	}
	blob, err := hex.DecodeString(f[0])
	if err != nil {
		return cached{}
	}
	e.blob, e.uuid, e.Path = string(blob), f[1], f[5]
	e.State, e.Reason, e.Code, e.Message = OK, tree.Reason(f[2]), fault.Code(f[3]), f[4]
	if e.Reason != "" {
		e.State = Skipped
	}
	return e
}
