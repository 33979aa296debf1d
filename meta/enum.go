package meta

import (
	"fmt"
	"slices"
	"strings"
)

// A Lifecycle is a stage of a file's life.
type Lifecycle string

// The stages, in the order they are passed through.
const (
	Draft      Lifecycle = "draft"
	Active     Lifecycle = "active"
	Deprecated Lifecycle = "deprecated"
	Archived   Lifecycle = "archived"
)

// Lifecycles returns all stages.
func Lifecycles() []Lifecycle { return []Lifecycle{Draft, Active, Deprecated, Archived} }

// Valid reports whether l is one of [Lifecycles].
func (l Lifecycle) Valid() bool { return slices.Contains(Lifecycles(), l) }

// ParseLifecycle returns the stage named s. The error of an unknown name is an
// [ErrInvalid] that lists the known ones.
func ParseLifecycle(s string) (Lifecycle, error) {
	return known(FieldLifecycle, Lifecycle(s), Lifecycles())
}

// A MetaType is the kind of thing that a file is.
type MetaType string

// The kinds.
const (
	TypeTool         MetaType = "tool"
	TypeValidator    MetaType = "validator"
	TypeAgent        MetaType = "agent"
	TypeModel        MetaType = "model"
	TypePlugin       MetaType = "plugin"
	TypeSchema       MetaType = "schema"
	TypeNode         MetaType = "node"
	TypeIgnoreConfig MetaType = "ignore_config"
	TypeProject      MetaType = "project"
	TypeUnknown      MetaType = "unknown"
)

// MetaTypes returns all kinds.
func MetaTypes() []MetaType {
	return []MetaType{TypeTool, TypeValidator, TypeAgent, TypeModel, TypePlugin, TypeSchema,
		TypeNode, TypeIgnoreConfig, TypeProject, TypeUnknown}
}

// Valid reports whether t is one of [MetaTypes].
func (t MetaType) Valid() bool { return slices.Contains(MetaTypes(), t) }

// ParseMetaType returns the kind named s. The error of an unknown name is an
// [ErrInvalid] that lists the known ones.
func ParseMetaType(s string) (MetaType, error) {
	return known(FieldMetaType, MetaType(s), MetaTypes())
}

func known[T ~string](field string, v T, all []T) (T, error) {
	if slices.Contains(all, v) {
		return v, nil
	}
	return "", ErrInvalid.With("%s %q: want %s", field, v, oneOf(all))
}

func oneOf[T ~string](all []T) string {
	texts := make([]string, len(all))
	for i, v := range all {
		texts[i] = string(v)
	}
	return fmt.Sprintf("one of %s", strings.Join(texts, ", "))
}
