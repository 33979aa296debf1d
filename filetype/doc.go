// Package filetype knows, per language, how a file carries its metadata block:
// how to recognise the file, what must stay first in it, and how the block is
// commented out. It splits a file around the block and joins it again.
//
//	types := filetype.Standard()
//	t, ok := types.Find(path, src)
//	parts, err := t.Split(src)      // slices of src, and the block as parsed
//	out, err := t.WithBlock(src, b) // src with b in its place
//
// A [Type] is a value in a table ([Standard]); a new language is a new value,
// not new code, unless it needs a [Rule] of its own.
//
// Guarantees. Join(Split(src)) is src. Strip(WithBlock(src, b)) is src with its
// former block removed, byte for byte: byte order mark, line ends, indentation,
// blank lines and a missing final newline are kept. Only a block at its place
// counts: after the byte order mark and whatever the language wants first, with
// at most blank lines before it. What looks like a block elsewhere, in a
// string, a code fence, or below the first line of code, is body. A block at
// its place that is damaged is an error with line and column, never body;
// [Type.Salvage] gets out of it what can be read, when the user asks for that.
//
// In plain words: [Type.Split] and [Type.Strip] read, [Type.WithBlock] and
// [Type.WithCompact] return new bytes; nothing here touches a file system.
//
// Values are not changed after they are built and may be shared. To test a new
// type, add it to the table, and its tricky files to testdata/corpus: the
// laws above are then checked for it.
package filetype
