package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// troubles brings about what each section of the page on troubleshooting is about.
// It may add to the environment of the section's commands.
func troubles() map[string]func(*testing.T, *site) {
	return map[string]func(*testing.T, *site){
		"Connection refused": func(*testing.T, *site) {},
		"Stale socket": func(t *testing.T, s *site) {
			up := s.start(t, "up")
			up.signal(t, syscall.SIGKILL)
			if _, err, status := s.onex(t, "nodes"); status != 1 || !strings.Contains(err, "ONEX_BUS_020_NO_DAEMON") {
				t.Errorf("onex nodes with a stale socket: status %d\n%s", status, err)
			}
			s.start(t, "up")
		},
		"Wrong credentials": func(t *testing.T, s *site) {
			_, address, _ := strings.Cut(natsServer(t, s), "@")
			s.env = append(s.env, "ADDRESS="+address)
		},
		"Nobody listens": func(t *testing.T, s *site) {
			s.start(t, "up")
			daemonOn(t, s, "ipc://", "/i/bus.sock")
		},
		"Messages are lost": func(t *testing.T, s *site) {
			s.start(t, "up")
			daemonOn(t, s, "zmq+ipc://", "/z.sock")
		},
		"A node of the project does not run": func(t *testing.T, s *site) {
			s.write(t, "onex.yaml", "nodes: [nowhere]\n")
			s.start(t, "up")
		},
	}
}

// daemonOn starts the daemon of another project, on a bus in the directory
// that commands find as $RUN.
func daemonOn(t *testing.T, s *site, scheme, path string) {
	t.Helper()
	other := newSite(t)
	other.bus = scheme + other.run + path
	other.start(t, "up")
	s.env = append(s.env, "RUN="+other.run)
}

// TestTroubleshootingPageTellsTheTruth reproduces each symptom of the page and
// holds the messages against those that it shows.
func TestTroubleshootingPageTellsTheTruth(t *testing.T) {
	text, err := os.ReadFile("../../docs/bus-troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatchIndex(string(text), -1)
	all := troubles()
	for i, at := range sections {
		end := len(text)
		if i+1 < len(sections) {
			end = sections[i+1][0]
		}
		title, steps := string(text[at[2]:at[3]]), sessions(string(text[at[1]:end]))
		if len(steps) == 0 {
			continue
		}
		t.Run(title, func(t *testing.T) {
			setup := all[title]
			if setup == nil {
				t.Fatal("nothing in the test brings this about")
			}
			s := newSite(t)
			setup(t, s)
			sh := s.shell(t)
			for _, step := range steps {
				if out := sh.run(t, step.command); !shows(out, step.want) {
					t.Errorf("$ %s\nprints\n%s\nand the page says\n%s", step.command, out, step.want)
				}
			}
		})
	}
}

// shell returns a shell in which onex is the binary under test.
func (s *site) shell(t *testing.T) *shell {
	t.Helper()
	bin := filepath.Join(s.run, "bin")
	self, err := os.Executable()
	if err := errors.Join(err, os.MkdirAll(bin, 0o755), os.Symlink(self, filepath.Join(bin, "onex"))); err != nil {
		t.Fatal(err)
	}
	return &shell{dir: s.dir, env: append(s.env, "PATH="+bin+":"+os.Getenv("PATH"))}
}
