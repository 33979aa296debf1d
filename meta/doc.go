// Package meta is the metadata block: the few lines in which a file says what
// it is, who owns it, and which content it was stamped with.
//
// A [Block] holds fields in order, as text. [Parse] reads the lines between the
// delimiters, in every shape that has ever been written; [Print] writes the one
// shape we write; [Hash] proves that a file is what it was when it was stamped:
//
//	b, err := meta.Parse(text)
//	ok := b.Hash() == meta.Hash(b, rest)
//
// Guarantees. Scalars are text: nothing is typed by guessing, so a date stays a
// date and 1.10 stays 1.10. Unknown keys are kept, in their place. Parse takes
// time linear in its input, never panics, and reads back what Print wrote:
// Parse(Print(b)) equals b. What Print writes is read by every YAML library as
// the same strings, and never contains a sequence that would end the comment
// around it. A [Block] is a value: setting a field of a copy does not change
// the original.
//
// In plain words: where the block sits in a file, and how its lines are
// commented out, is package filetype's business; here is only what it says.
//
// Limits: a block has at most [MaxText] bytes, mappings have at most
// [MaxFields] keys of at most [MaxKey] bytes, and values nest at most
// [MaxDepth] deep. Anchors, aliases, tags and comments on the fields are no
// part of the format: the first three are errors, the last are not kept.
//
// The format is normative; its vectors are in testdata/vectors.
package meta
