package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/audit"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/node"
)

// defaultCalls is how many lines a person is shown who asks for none.
const defaultCalls = 50

func newAudit(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "show, verify and sign the record of all calls",
		Long: `audit reads the log in which "onex up" records who called which tool and what
came of it, with secrets redacted. Each line holds the hash of the one before, so
that none can be changed or removed unnoticed; a signed head proves that the past
was not written anew. The log is read from the disk: no daemon is needed.`,
		Example: `  onex audit ls --since 1h
  onex audit verify
  onex audit sign --signing-key ~/.ssh/id_ed25519`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(newAuditList(s), newAuditVerify(s), newAuditSign(s))
	return cmd
}

// An AuditRow is one line in the output of "onex audit ls".
type AuditRow struct {
	Seq           uint64        `json:"seq"`
	Time          time.Time     `json:"time"`
	Type          event.Kind    `json:"event_type"`
	Tool          node.ToolName `json:"tool_name"`
	Caller        string        `json:"caller"` // for whom the call was made, as mcp:claude-code, else who made it: user@host, as it says itself
	NodeID        node.ID       `json:"node_id"`
	Status        node.Result   `json:"status"`
	Code          fault.Code    `json:"code"`
	DurationMS    float64       `json:"duration_ms"`
	CorrelationID string        `json:"correlation_id"`
	Hash          string        `json:"hash"`
}

// AuditRows is the output of "onex audit ls".
type AuditRows []AuditRow

// Table leaves out what only programs want.
func (rows AuditRows) Table() console.Grid {
	g := console.Grid{Header: []string{"line", "time", "what", "tool", "caller", "result", "ms", "correlation"}, Empty: "no call is recorded"}
	for _, r := range rows {
		result := string(r.Status)
		if r.Code != "" {
			result = string(r.Code)
		}
		g.Rows = append(g.Rows, []string{
			fmt.Sprint(r.Seq), r.Time.Local().Format(time.DateTime), r.Type.Token(), string(r.Tool), r.Caller, result,
			fmt.Sprintf("%.1f", r.DurationMS), r.CorrelationID,
		})
	}
	return g
}

func auditRow(l audit.Line) (AuditRow, error) {
	e, err := event.Decode(l.Event)
	if err != nil {
		return AuditRow{}, audit.ErrBroken.Wrap(err, "line %d", l.Seq)
	}
	r := AuditRow{Seq: l.Seq, Time: e.Time, Type: e.Kind(), NodeID: node.ID(e.NodeID), CorrelationID: e.Correlation.String(), Hash: l.Hash}
	switch p := e.Payload.(type) {
	case event.ToolProxyInvoke:
		r.Tool, r.Caller = p.ToolName, cmp.Or(string(p.OriginNodeID), p.Caller)
	case event.ToolProxyResult:
		r.Tool, r.Status, r.DurationMS = p.ToolName, p.Status, p.DurationMS
	case event.ToolProxyError:
		r.Tool, r.Status, r.Code, r.DurationMS = p.ToolName, node.Failed, p.Error.Code, p.DurationMS
	case event.ToolProxyRejected:
		r.Tool, r.Status, r.Code = p.ToolName, node.Failed, p.Error.Code
	case event.ToolProxyTimeout:
		r.Tool, r.Status = p.ToolName, node.Unknown
	}
	return r, nil
}

func newAuditList(s *session) *cobra.Command {
	var tool, trace string
	var since time.Duration
	var count int
	cmd := &cobra.Command{
		Use:     "ls",
		Aliases: []string{"list"},
		Short:   "list recorded calls, the newest last",
		Example: `  onex audit ls --tool greet --since 1h
  onex audit ls -o json | jq 'map(select(.code != ""))'`,
		Args: cobra.NoArgs,
	}
	format := formatFlag(cmd, console.Table)
	f := cmd.Flags()
	f.StringVar(&tool, "tool", "", "only calls of this `tool`")
	f.StringVar(&trace, "trace", "", "only events of this correlation `id`")
	f.DurationVar(&since, "since", 0, "only events of the last `time`, such as 10m")
	f.IntVarP(&count, "count", "n", defaultCalls, "at most so many; 0 means all")
	cmd.RunE = func(*cobra.Command, []string) error {
		return s.onAudit(func(_ app.Config, dir string) error {
			rows := AuditRows{}
			for l, err := range audit.Lines(dir) {
				if err != nil {
					return err
				}
				r, err := auditRow(l)
				if err != nil {
					return err
				}
				if tool != "" && string(r.Tool) != tool || trace != "" && r.CorrelationID != trace || since > 0 && time.Since(r.Time) > since {
					continue
				}
				rows = append(rows, r)
				if count > 0 && len(rows) >= 2*count {
					rows = append(rows[:0], rows[len(rows)-count:]...)
				}
			}
			if count > 0 && len(rows) > count {
				rows = rows[len(rows)-count:]
			}
			return s.Print(*format, rows)
		})
	}
	return cmd
}

// AuditReport is the output of "onex audit verify".
type AuditReport struct {
	audit.Report
	Signed *AuditHead `json:"signed"` // null when no head was signed
}

// An AuditHead is a signed head of the log.
type AuditHead struct {
	audit.Head
	By          []string `json:"by"`
	Fingerprint string   `json:"fingerprint"`
}

// Text says it in a line or two.
func (r AuditReport) Text(_ *console.Env, w io.Writer) {
	fmt.Fprintf(w, "%d lines in %d files hold together, %d to %d, head %s\n", r.Lines, r.Files, r.First, r.Last, r.Head)
	if r.First > 1 {
		fmt.Fprintf(w, "lines before %d were removed because of their age\n", r.First)
	}
	if r.Signed != nil {
		fmt.Fprintf(w, "line %d was signed by %s at %s\n", r.Signed.Seq, sshsig.Identity{Principals: r.Signed.By}, r.Signed.Time.Format(time.RFC3339))
	}
}

func newAuditVerify(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "check every line of the record",
		Long: `verify reads every line and checks that nothing was changed, removed or put in.
If a head was signed, its signature must be by an allowed signer, and the line
must still be there. The exit status is 1 when anything is wrong.`,
		Example: `  onex audit verify
  onex audit verify --require-signature -o json | jq .signed.seq`,
		Args: cobra.NoArgs,
	}
	format := formatFlag(cmd, console.Text)
	signed := cmd.Flags().Bool("require-signature", false, "fail when no head was signed")
	cmd.RunE = func(*cobra.Command, []string) error {
		return s.onAudit(func(cfg app.Config, dir string) error {
			report, err := audit.Verify(dir)
			if err != nil {
				return err
			}
			out := AuditReport{Report: report}
			if out.Signed, err = signedHead(cfg, dir); err != nil && (*signed || !errors.Is(err, audit.ErrNoHead)) {
				return err
			}
			return s.Print(*format, out)
		})
	}
	return cmd
}

// signedHead returns the signed head of the log, checked.
func signedHead(cfg app.Config, dir string) (*AuditHead, error) {
	if !audit.HasHead(dir) {
		return nil, audit.ErrNoHead
	}
	allowed, err := cfg.Keys.AllowedSigners()
	if err != nil {
		return nil, err
	}
	h, who, err := audit.CheckHead(dir, allowed)
	if err != nil {
		return nil, err
	}
	return &AuditHead{h, who.Principals, who.Fingerprint}, nil
}

func newAuditSign(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sign",
		Short: "sign the head of the record, so that its past cannot be rewritten",
		Long: `sign verifies the log and signs the number and hash of its last line with an SSH
key (--signing-key). Statement and signature lie beside the log, as head.json and
head.json.sig; copy them elsewhere, and ssh-keygen -Y verify checks them too.`,
		Example: `  onex audit sign --signing-key ~/.ssh/id_ed25519`,
		Args:    cobra.NoArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return s.onAudit(func(cfg app.Config, dir string) error {
			signer, err := cfg.Keys.Signer(cmd.Context())
			if err != nil {
				return err
			}
			h, err := audit.Sign(cmd.Context(), dir, signer, time.Now())
			if err != nil {
				return err
			}
			s.Note("line %d is signed: %s", h.Seq, h.Hash)
			return nil
		})
	}
	return cmd
}

// onAudit runs f on the directory of the project's audit log.
func (s *session) onAudit(f func(app.Config, string) error) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	if _, err := cfg.Project.Data(); err != nil {
		return err
	}
	dir := cfg.AuditDir()
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return ErrNoAudit.With("%s", dir)
	}
	return f(cfg, dir)
}

// ErrNoAudit is returned by "onex audit" when no daemon of the project has
// recorded anything yet, or `audit: off` is set.
var ErrNoAudit = fault.New("ONEX_AUDIT_006_NONE", fault.NotFound, "there is no audit log").
	Hinted("`onex up` writes one; is this the right project (-C), and is audit not off in onex.yaml?")
