// Package audit keeps the record of who called which tool and what came of it:
// lines of JSON, each of which holds the hash of the one before, so that none can
// be changed, dropped or put in between unnoticed.
//
//	w, err := audit.Open(dir, nil)
//	err = w.Append(events...)         // durable when it returns
//
//	report, err := audit.Verify(dir)  // reads every line
//
// # The format
//
// Files NNNNNN.ndjson, numbered from 000001; a line has the members, in this order,
//
//	{"seq":7,"prev":"<hash of line 6>","event":{…},"hash":"<hash of this line>"}
//
// The hash is the SHA-256, in lower-case hex, of the line's bytes before its last
// member, `,"hash":"…"}`. The first line that ever was has an empty prev. So a line can be
// checked without ONEX:
//
//	sed -E 's/,"hash":"[0-9a-f]{64}"\}$//' | tr -d '\n' | sha256sum
//
// Events are redacted before they come here.
//
// # What is promised
//
// Durability. What Append returned without error is synced. A line that a crash
// cut off is removed by the next Open, and was never promised.
//
// Order. The order of lines is that of Append; one process writes at a time,
// which a lock sees to.
//
// Bounds. A file is followed by the next after [MaxFile]; of those [MaxFiles] are kept
// and the oldest removed. Verify says where the record begins.
//
// What a hash chain cannot do: who may write all files can write a new chain. Note
// the head ([Report.Head]) elsewhere, or sign it: then the past cannot be rewritten.
//
// # Testing
//
// Change any byte of any file: Verify must name the line.
package audit
