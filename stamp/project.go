package stamp

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/omninode-ai/onex/meta"
)

const projectHint = `create project.onex.yaml at the root of the project:
    name: my_project
    owner: My Team
    author: My Name
    copyright: My Team`

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
	return meta.ParseProject(text)
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
	return meta.ErrMissing.With("%s", strings.TrimPrefix(err.Error(), meta.ErrMissing.Text+": ")).Hinted(projectHint)
}
