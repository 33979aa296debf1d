// Command tool gives the rules of releases to make, to git's hooks and to CI.
//
//	tool commit FILE        check the message in FILE (git's commit-msg hook)
//	tool commits RANGE      check the messages of a range of commits
//	tool notes [RANGE]      release notes of a range; by default since the last version
//	tool next STEP          the version that follows: patch, minor, major, rc, final
//	tool version TAG        fail when TAG is not a version
//	tool sbom BINARY        the bill of materials of a binary
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/omninode-ai/onex/internal/release"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: tool commit FILE | commits RANGE | notes [RANGE] | next STEP | version TAG | sbom BINARY")

func run(args []string, out io.Writer) error {
	if len(args) == 1 && args[0] == "notes" {
		return sinceLast(out)
	}
	if len(args) != 2 {
		return errUsage
	}
	switch arg := args[1]; args[0] {
	case "commit":
		return commit(arg)
	case "commits":
		_, err := commits(arg)
		return err
	case "notes":
		return notes(out, arg)
	case "next":
		return next(out, release.Step(arg))
	case "version":
		_, err := release.ParseVersion(arg)
		return err
	case "sbom":
		return bom(out, arg)
	}
	return errUsage
}

func commit(file string) error {
	message, err := os.ReadFile(file)
	if err != nil || release.Merged(string(message)) {
		return err
	}
	_, err = release.ParseCommit(string(message))
	return err
}

// commits returns what the commits of a range say, newest first, and every
// message that breaks the convention.
func commits(revisions string) ([]release.Commit, error) {
	log, err := git("log", "--no-merges", "--format=%h%x1f%B%x1e", revisions, "--")
	if err != nil {
		return nil, err
	}
	var list []release.Commit
	var wrong []error
	for entry := range strings.SplitSeq(log, "\x1e") {
		hash, message, ok := strings.Cut(strings.TrimSpace(entry), "\x1f")
		if !ok || release.Merged(message) {
			continue
		}
		c, err := release.ParseCommit(message)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("commit %s: %w", hash, err))
		}
		if c.Text == "" {
			continue
		}
		list = append(list, c)
	}
	return list, errors.Join(wrong...)
}

// notes prints the notes of a range. Commits that break the convention are named;
// those that say no area and no change are left out. They must not stop a release.
func notes(out io.Writer, revisions string) error {
	list, err := commits(revisions)
	if err != nil {
		fmt.Fprintln(os.Stderr, "against the convention, and left out of the notes where they name no package:\n"+err.Error())
	}
	_, err = io.WriteString(out, release.Notes(list))
	return err
}

func sinceLast(out io.Writer) error {
	tags, err := versionTags()
	if err != nil {
		return err
	}
	head, err := git("tag", "--points-at", "HEAD")
	if err != nil {
		return err
	}
	// The notes of a tagged commit are those since the version before it.
	last := "v" + release.Latest(without(tags, strings.Fields(head))).String()
	if _, err := git("rev-parse", "--verify", "-q", last); err != nil {
		return notes(out, "HEAD") // the first release: all there is
	}
	return notes(out, last+"..HEAD")
}

func without(tags, gone []string) []string {
	var left []string
	for _, tag := range tags {
		if !strings.Contains(" "+strings.Join(gone, " ")+" ", " "+tag+" ") {
			left = append(left, tag)
		}
	}
	return left
}

func versionTags() ([]string, error) {
	tags, err := git("tag", "--merged", "HEAD", "--list", "v*")
	return strings.Fields(tags), err
}

func next(out io.Writer, step release.Step) error {
	tags, err := versionTags()
	if err != nil {
		return err
	}
	tag, err := release.Next(tags, step)
	if err == nil {
		fmt.Fprintln(out, tag)
	}
	return err
}

func bom(out io.Writer, file string) error {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	version := os.Getenv("VERSION")
	if version == "" {
		version = info.Main.Version
	}
	return release.WriteBOM(out, info, version, fmt.Sprintf("%x", sha256.Sum256(data)))
}

func git(args ...string) (string, error) {
	out, err := exec.Command("git", args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}
