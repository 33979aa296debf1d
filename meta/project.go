package meta

import (
	"bytes"
	"strings"
)

// ProjectFile is the name of the file that describes the project, at its root.
const ProjectFile = "project.onex.yaml"

// A Project is what project.onex.yaml says: the values that every new block
// gets. The document itself is a block without delimiters.
type Project struct {
	Name            string
	Owner           string
	Author          string
	Copyright       string
	License         string // SPDX expression; may be empty
	Namespace       string // prefix of the project's namespaces; may be empty
	Description     string
	ProtocolVersion string // may be empty
	SchemaVersion   string // may be empty
	Block           Block  // everything, unknown keys included
}

// ParseProject reads project.onex.yaml. Values may be missing: whoever needs
// them asks [Project.Check]. The error is an [ErrParse].
func ParseProject(text []byte) (Project, error) {
	b, err := ParseDocument(text)
	if err != nil {
		return Project{}, err
	}
	return Project{
		Name:            b.Name(),
		Owner:           b.Owner(),
		Author:          b.Author(),
		Copyright:       b.Text(FieldCopyright),
		License:         b.Text(FieldLicense),
		Namespace:       b.Namespace(),
		Description:     b.Description(),
		ProtocolVersion: b.Text(FieldProtocolVersion),
		SchemaVersion:   b.Text(FieldSchemaVersion),
		Block:           b,
	}, nil
}

// ParseDocument is [Parse] for a file that is a block as a whole, such as
// project.onex.yaml or node.onex.yaml: a byte order mark is skipped.
func ParseDocument(text []byte) (Block, error) {
	return Parse(bytes.TrimPrefix(text, []byte(bom)))
}

// Check returns an [ErrMissing] that names the values which stamping needs and
// p lacks: owner, author, copyright.
func (p Project) Check() error {
	var missing []string
	for _, f := range []Field{{FieldOwner, String(p.Owner)}, {FieldAuthor, String(p.Author)}, {FieldCopyright, String(p.Copyright)}} {
		if strings.TrimSpace(text(f.Value)) == "" {
			missing = append(missing, f.Key)
		}
	}
	if missing == nil {
		return nil
	}
	names := strings.Join(missing, ", ")
	return ErrMissing.With("%s in %s", names, ProjectFile).Detail("missing", names)
}
