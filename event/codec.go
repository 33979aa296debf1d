package event

import (
	"strconv"

	"github.com/omninode-ai/onex/fault"
)

// A codec walks over the fields of an event, which each struct lists once, in
// the order of the wire, in its visit or fields method. The mode says what
// happens at each field. So a struct cannot be written in one way, read in
// another and redacted in a third, and there is no reflection.
//
// Calls on a codec are static everywhere (no interface, no func value): that is
// what lets the compiler keep it, and the payload it visits, on the stack.
type codec struct {
	mode     mode
	err      error    // the first one
	also     []string // redacting: more names of secrets
	problems []error  // found by inspecting

	frames [maxFrames]frame // the objects and lists that are open
	depth  int              // how many

	size int    // measuring: the bytes so far, at most
	out  []byte // writing: the text so far

	data    []byte  // reading: the text
	str     string  // the same, to cut strings from; empty when each is copied
	members members // of the open objects and lists, innermost last

	extra []Member // unknown members: found when reading, put back when writing
	nputs int      // how many were put back
}

// A mode is what a codec does at each field.
type mode uint8

const (
	measuring  mode = iota // check it, and add up what it takes at most
	writing                // append it
	reading                // set it from the text
	redacting              // replace it if nobody may read it
	inspecting             // judge it for Problems
)

// A need says when a field is on the wire.
type need uint8

const (
	required need = iota // always; a text is not empty
	always               // written always; when missing it reads as zero
	optional             // when it is not zero
)

// maxFrames bounds how deep the structs of this package nest. The deepest is
// the change in the history of a node: envelope, metadata, nodes, 0, history, 0.
const maxFrames = 8

// A frame is an open object or list.
type frame struct {
	key   string // in the object around it
	index int32  // in the list around it, when key is empty
	base  int32  // reading: its first member in codec.members
	next  int32  // reading: the member expected to be asked for next

	absent bool // writing: a list that is omitted
}

// A member is a member of an object, or an item of a list, that is being read.
type member struct {
	key, value span
	escaped    bool // the key has a backslash
	used       bool
}

// members is a stack. Its beginning lies in the codec itself, because a slice of
// an array, kept in a field, would move the array to the heap.
type members struct {
	room [24]member // enough for the envelope and the payload of most events
	more []member
	n    int
}

func (s *members) at(i int) *member {
	if i < len(s.room) {
		return &s.room[i]
	}
	return &s.more[i-len(s.room)]
}

func (s *members) push(m member) {
	if s.n < len(s.room) {
		s.room[s.n] = m
	} else {
		s.more = append(s.more[:s.n-len(s.room)], m)
	}
	s.n++
}

func (c *codec) push(key string, index int) {
	c.frames[c.depth] = frame{key: key, index: int32(index), base: int32(c.members.n), next: int32(c.members.n)}
	c.depth++
}

func (c *codec) pop() {
	c.depth--
	c.members.n = int(c.frames[c.depth].base)
}

// pointer returns the JSON Pointer of the open object below frame number from,
// and of name in it if that is not empty.
func (c *codec) pointer(from int, name string) string {
	var p []byte
	for _, f := range c.frames[from:max(from, c.depth)] {
		if f.key == "" {
			p = strconv.AppendInt(append(p, '/'), int64(f.index), 10)
		} else {
			p = append(append(p, '/'), f.key...)
		}
	}
	if name != "" {
		p = append(append(p, '/'), escapePointer(name)...)
	}
	return string(p)
}

// fail notes the first error, at the field called name.
func (c *codec) fail(k *fault.Kind, name, format string, args ...any) {
	if c.err != nil {
		return
	}
	path := c.pointer(1, name)
	c.err = k.With("%s: "+format, append([]any{path}, args...)...).Detail("path", path)
}

// missing notes that a required field is not there.
func (c *codec) missing(name string) {
	if c.err == nil {
		path := c.pointer(1, name)
		c.err = ErrMissing.With("%s", path).Detail("path", path)
	}
}

// begin enters the object called name; the caller visits its fields and calls
// end if begin returns true. When writing, present says whether there is one.
func (c *codec) begin(name string, present bool) bool {
	switch c.mode {
	case measuring:
		if !present {
			return false
		}
		c.count(name, len("{}"))
		c.push(name, 0)
	case writing:
		if !present && !c.hasExtra(name) {
			return false
		}
		c.key(name)
		c.out = append(c.out, '{')
		c.push(name, 0)
	case reading:
		value, ok := c.find(name)
		if !ok || !c.is('{', name, value) {
			return false
		}
		c.push(name, 0)
		c.readObject(value)
	default:
		c.push(name, 0)
	}
	return true
}

// end leaves the object that begin or item entered.
func (c *codec) end() {
	switch c.mode {
	case writing:
		c.writeExtra()
		c.out = append(c.out, '}')
	case reading:
		c.readExtra()
	}
	c.pop()
}

// list enters the list of objects called name and returns it, made to size when
// reading. The caller visits the fields of each between item and end, and calls
// endList after the last.
func list[T any](c *codec, name string, items *[]T, n need) []T {
	switch c.mode {
	case measuring:
		c.count(name, len("[]"))
		c.push(name, 0)
	case writing:
		absent := n == optional && len(*items) == 0
		if !absent {
			c.key(name)
			c.out = append(c.out, '[')
		}
		c.push(name, 0)
		c.frames[c.depth-1].absent = absent
	case reading:
		value, ok := c.find(name)
		c.push(name, 0)
		if ok && c.is('[', "", value) {
			*items = append([]T(nil), make([]T, c.readList(value))...)
		}
	case redacting:
		*items = append([]T(nil), *items...) // the original stays as it is
		c.push(name, 0)
	default:
		c.push(name, 0)
	}
	return *items
}

// item enters item i of the open list.
func (c *codec) item(i int) {
	switch c.mode {
	case measuring:
		c.size += len("{},")
		c.push("", i)
	case writing:
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = append(c.out, '{')
		c.push("", i)
	case reading:
		value := c.members.at(int(c.frames[c.depth-1].base) + i).value
		c.push("", i)
		if c.is('{', "", value) {
			c.readObject(value)
		}
	default:
		c.push("", i)
	}
}

// endList leaves the list that list entered.
func (c *codec) endList() {
	if c.mode == writing && !c.frames[c.depth-1].absent {
		c.out = append(c.out, ']')
	}
	c.pop()
}
