package natsd

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// The server tells of a connection that ended a moment before it can be asked
// what was subscribed to there.
const (
	obituaryTries = 20
	obituaryPause = 2 * time.Millisecond
)

const (
	// systemUser is the user under which this package, and nobody else, listens to
	// what the server says of itself.
	systemUser = "onex-system"

	disconnects = "$SYS.ACCOUNT.*.DISCONNECT"
)

// A gate lets clients in. Those in this process, and those whom the door let in,
// have been checked; who comes through the network shows the token, if one is
// asked for.
type gate struct {
	token  string
	secret string                // of systemUser
	server func() *server.Server // who lets somebody in, or tells of departures
}

func (g *gate) Check(c server.ClientAuthentication) bool {
	o := c.GetOpts()
	if o.Username == systemUser && equal(o.Password, g.secret) {
		c.RegisterUser(&server.User{Username: systemUser, Account: g.server().SystemAccount()})
		return true
	}
	if a := c.RemoteAddress(); g.token == "" || a != nil && a.Network() == "pipe" {
		return true
	}
	return equal(o.Token, g.token)
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// watchDepartures begins to call told for each subject that somebody listened to
// whose connection has ended, and that nobody else listens to in the same words.
// The connection it returns ends it.
func (g *gate) watchDepartures(dial dialer, log *slog.Logger, told func(subject string)) (*nats.Conn, error) {
	nc, err := nats.Connect(inProcess, nats.SetCustomDialer(dial), nats.MaxReconnects(-1),
		nats.Name("onex departures"), nats.UserInfo(systemUser, g.secret))
	if err != nil {
		return nil, ErrStart.Wrap(err, "departures")
	}
	_, err = nc.Subscribe(disconnects, func(m *nats.Msg) {
		var e struct {
			Client struct {
				ID uint64 `json:"id"`
			} `json:"client"`
		}
		if err := json.Unmarshal(m.Data, &e); err != nil {
			log.Warn("the server tells of a connection in words of its own", "error", err)
			return
		}
		for _, s := range g.obituary(e.Client.ID) {
			if strings.Contains(s.Subject, "*") && !g.heard(s) {
				told(s.Subject)
			}
		}
	})
	if err == nil {
		err = nc.Flush()
	}
	if err != nil {
		nc.Close()
		return nil, ErrStart.Wrap(err, "departures")
	}
	return nc, nil
}

// obituary returns the subscriptions of a connection that has ended.
func (g *gate) obituary(id uint64) []server.SubDetail {
	for range obituaryTries {
		c, err := g.server().Connz(&server.ConnzOptions{CID: id, State: server.ConnClosed, SubscriptionsDetail: true})
		if err == nil && len(c.Conns) > 0 {
			return c.Conns[0].SubsDetail
		}
		time.Sleep(obituaryPause)
	}
	return nil // longer ago than the server remembers; silence will tell
}

// heard reports whether another connection has the same subscription. As a rule
// nobody listens at all, which is quickly known.
func (g *gate) heard(s server.SubDetail) bool {
	example := strings.ReplaceAll(s.Subject, "*", "x")
	account := g.server().GlobalAccount()
	if account.Interest(example) == 0 {
		return false
	}
	list, err := g.server().Subsz(&server.SubszOptions{Subscriptions: true, Test: example, Account: account.GetName()})
	if err != nil {
		return false
	}
	for _, other := range list.Subs {
		if other.Subject == s.Subject && other.Cid != s.Cid {
			return true
		}
	}
	return false
}

func newGate(token string, s func() *server.Server) *gate {
	return &gate{token: token, secret: rand.Text(), server: s}
}
