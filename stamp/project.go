package stamp

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/omninode-ai/onex/meta"
)

const projectHint = "run onex init --owner 'My Team', which writes project.onex.yaml with name, owner, author and copyright"

// maxProject bounds project.onex.yaml.
const maxProject = 1 << 20

// readProject returns what project.onex.yaml says, which may be nothing.
func readProject(root *os.Root) (meta.Project, error) {
	info, err := root.Stat(meta.ProjectFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return meta.Project{}, nil
	case err != nil:
		return meta.Project{}, ErrRead.Wrap(err, "%s", meta.ProjectFile)
	case info.Size() > maxProject:
		return meta.Project{}, ErrTooLarge.With("%s has %d bytes, limit %d", meta.ProjectFile, info.Size(), maxProject)
	}
	text, err := root.ReadFile(meta.ProjectFile)
	if err != nil {
		return meta.Project{}, ErrRead.Wrap(err, "%s", meta.ProjectFile)
	}
	return parseProject(text)
}

// parseProject reads project.onex.yaml and refuses values that no block may have,
// with their lines: every new block would be invalid by them.
func parseProject(text []byte) (meta.Project, error) {
	p, err := meta.ParseProject(text)
	var at *meta.SyntaxError
	if errors.As(err, &at) {
		return p, meta.ErrParse.Wrap(at, "%s:%d:%d", meta.ProjectFile, at.Line, at.Column).Hinted("mend %s", meta.ProjectFile)
	}
	var wrong []string
	for _, problem := range p.Block.Validate() {
		if p.Block.Has(problem.Field) {
			wrong = append(wrong, fmt.Sprintf("%s:%d: %s", meta.ProjectFile, fieldLine(text, problem.Field), problem))
		}
	}
	if err == nil && wrong != nil {
		err = meta.ErrInvalid.With("%s", strings.Join(wrong, "; ")).Hinted("correct %s", meta.ProjectFile)
	}
	return p, err
}

// fieldLine returns the number of the line that sets field.
func fieldLine(text []byte, field string) int {
	number := 0
	for line := range bytes.Lines(text) {
		number++
		key, _, ok := strings.Cut(string(line), ":")
		if ok && strings.Trim(key, " \"'{\ufeff") == field {
			return number
		}
	}
	return 1
}

// checkProject reports what new blocks need and project does not say, as a
// [meta.ErrMissing] that shows the file to write.
func checkProject(root *os.Root, project meta.Project) error {
	err := project.Check()
	if err == nil {
		return nil
	}
	if _, statErr := root.Stat(meta.ProjectFile); errors.Is(statErr, fs.ErrNotExist) {
		return meta.ErrMissing.With("there is no %s in %s", meta.ProjectFile, root.Name()).Hinted(projectHint)
	}
	return meta.ErrMissing.With("%s", strings.TrimPrefix(err.Error(), meta.ErrMissing.Text+": ")).Hinted("add to project.onex.yaml what is missing, as owner: My Team")
}
