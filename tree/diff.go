package tree

import (
	"path"
	"slices"
	"strings"
)

// A DriftCode names a way in which a record and a project differ. The words
// are those of the reference implementation.
type DriftCode string

const (
	MissingFile       DriftCode = "missing_file"       // there, but not in the record
	ExtraFile         DriftCode = "extra_file"         // in the record, but not there
	TypeMismatch      DriftCode = "type_mismatch"      // a file here, a directory there
	StructureMismatch DriftCode = "structure_mismatch" // the namespace differs, or the order is not Print's
)

// A Drift is one difference between a record and a project.
type Drift struct {
	Code    DriftCode `json:"code"`
	Path    string    `json:"path"` // below the root
	Message string    `json:"message"`
}

// Diff compares record, as parsed from the file, with actual, as built from the
// project, and returns what differs, sorted by path. The name of the root does
// not count: a checkout may be called anything. A directory that is only on one
// side is reported as the files in it.
func Diff(record, actual *Node) []Drift {
	var ds []Drift
	diff(&ds, "", record, actual)
	slices.SortStableFunc(ds, func(a, b Drift) int { return strings.Compare(a.Path, b.Path) })
	return ds
}

func diff(ds *[]Drift, at string, record, actual *Node) {
	add := func(code DriftCode, text string) {
		*ds = append(*ds, Drift{code, at, text + ": " + at})
	}
	switch {
	case record == nil && actual.Type == Regular:
		add(MissingFile, "File exists in directory but missing from "+FileName)
		return
	case actual == nil && record.Type == Regular:
		add(ExtraFile, "File exists in "+FileName+" but not in directory")
		return
	case record != nil && actual != nil && record.Type != actual.Type:
		add(TypeMismatch, "Path is a "+string(record.Type)+" in "+FileName+" but a "+string(actual.Type)+" in directory")
		return
	case record != nil && actual != nil && record.Namespace != actual.Namespace:
		add(StructureMismatch, "Namespace is "+record.Namespace+" in "+FileName+" but should be "+actual.Namespace)
	}
	if record != nil && !slices.IsSortedFunc(record.Children, byName) {
		add(StructureMismatch, "Entries are not sorted in "+FileName)
	}
	there := map[string]*Node{}
	for _, c := range children(actual) {
		there[c.Name] = c
	}
	for _, c := range children(record) {
		diff(ds, path.Join(at, c.Name), c, there[c.Name])
		delete(there, c.Name)
	}
	for name, c := range there {
		diff(ds, path.Join(at, name), nil, c)
	}
}

func children(n *Node) []*Node {
	if n == nil {
		return nil
	}
	return n.Children
}

func byName(a, b *Node) int { return strings.Compare(a.Name, b.Name) }
