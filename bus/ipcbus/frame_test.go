package ipcbus_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/bus/ipcbus"
	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/golden"
)

const page = "../../docs/ipc.md"

// heartbeat is an event as text, the one in docs/events.md.
const heartbeat = `{"schema_version":"1.0.0","event_id":"0197a3c0-5f00-7abc-8def-001122334455","timestamp":"2026-11-22T09:52:06.129238Z",` +
	`"node_id":"5a0f2e7c-9d1b-4c3e-8f60-112233445566","event_type":"NODE_HEARTBEAT","correlation_id":"0197a3c0-5f00-7abc-8def-001122334455",` +
	`"metadata":{"node_id":"5a0f2e7c-9d1b-4c3e-8f60-112233445566","incarnation":3,"in_flight":0,"calls":17}}`

// frameExample matches an example of the page: its name, and the dump if it
// has one yet.
var frameExample = regexp.MustCompile("(?s)<!-- frame: ([^>]*) -->\n(?:\n`[^`]*`:\n\n```\n.*?```\n)?")

// Whoever writes a client after the page must be understood by the code. With
// -update the dumps in the page are written anew.
func TestThePageShowsWhatTheCodeWrites(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	frames := ipcbus.FramesOfThePage([]byte(heartbeat))
	var shown []string
	want := frameExample.ReplaceAllStringFunc(string(text), func(one string) string {
		name := frameExample.FindStringSubmatch(one)[1]
		shown = append(shown, name)
		if frames[name] == nil {
			t.Fatalf("no frame is called %q", name)
		}
		return "<!-- frame: " + name + " -->\n\n`" + name + "`:\n\n```\n" + hex.Dump(frames[name]) + "```\n"
	})
	slices.Sort(shown)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(frames)), shown); diff != "" {
		t.Errorf("examples (-code +page):\n%s", diff)
	}
	golden.Check(t, page, []byte(want))
	for name, wire := range frames {
		if again, err := ipcbus.DecodeFrames(wire); err != nil || !bytes.Equal(again, wire) {
			t.Errorf("%s: reads as %x, %v", name, again, err)
		}
	}
}

// raw builds a frame by the page, not by the code.
func raw(kind byte, flags uint16, ref uint64, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(12+len(body)))
	b = append(b, kind, 1)
	b = binary.BigEndian.AppendUint16(b, flags)
	b = binary.BigEndian.AppendUint64(b, ref)
	return append(b, body...)
}

// rawEvent builds the body of EVENT by the page.
func rawEvent(subject, text string) string {
	b := make([]byte, 24, 28+len(subject)+len(text))
	b = binary.BigEndian.AppendUint16(b, 1)
	b = binary.BigEndian.AppendUint16(b, uint16(len(subject)))
	return string(b) + subject + text
}

// malformed returns streams that are none of frames, by what is wrong.
func malformed() map[string][]byte {
	good := raw(8, 0, 0, "")
	with := func(at int, values ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[at:], values)
		return b
	}
	return map[string][]byte{
		"no frame at all":        []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
		"length below the least": with(0, 0, 0, 0, 11),
		"length beyond the most": with(0, 0, 17, 0, 13),
		"length of 4 GB":         with(0, 0xff, 0xff, 0xff, 0xff),
		"kind 0":                 with(4, 0),
		"kind unknown":           with(4, 99),
		"version 0":              with(5, 0),
		"version 2":              with(5, 2),
		"flag unknown":           with(6, 0x80),
		"header cut off":         good[:9],
		"body cut off":           raw(5, 0, 1, rawEvent("test_note.a", heartbeat))[:60],
		"event without head":     raw(5, 0, 1, "short"),
		"event without subject":  raw(5, 0, 1, rawEvent("test_note.a", "")[:30]),
		"subscribe without JSON": raw(3, 0, 1, "{"),
		"ack without number":     raw(6, 0, 1, "123"),
		"nothing but zeros":      make([]byte, 64),
	}
}

func TestMalformedFramesAreErrors(t *testing.T) {
	for name, data := range malformed() {
		t.Run(name, func(t *testing.T) {
			if _, err := ipcbus.DecodeFrames(data); !errors.Is(err, ipcbus.ErrFrame) {
				t.Errorf("got %v, want %v", err, ipcbus.ErrFrame)
			}
		})
	}
}

// A few compressed bytes can be gigabytes of text.
func TestACompressedEventIsBounded(t *testing.T) {
	huge := ipcbus.FramesOfThePage([]byte(heartbeat + strings.Repeat(" ", 8*event.MaxSize)))["EVENT, retained, compressed"]
	if _, err := ipcbus.DecodeFrames(huge); !errors.Is(err, ipcbus.ErrFrame) {
		t.Errorf("got %v, want %v", err, ipcbus.ErrFrame)
	}
}

// What is read is what was sent, and nothing makes the reader panic.
func FuzzFrames(f *testing.F) {
	for _, wire := range ipcbus.FramesOfThePage([]byte(heartbeat)) {
		f.Add(wire)
	}
	for _, data := range malformed() {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		again, err := ipcbus.DecodeFrames(data)
		if !bytes.HasPrefix(data, again) {
			t.Errorf("%x reads as %x", data, again)
		}
		if err == nil && len(again) != len(data) {
			t.Errorf("%d of %d bytes were read without an error", len(again), len(data))
		}
	})
}
