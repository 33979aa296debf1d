package bus

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync/atomic"
)

// A route is the set of queues that want one subject.
type route struct {
	Target
	queues []*Queue // of subscriptions without a group; those that may block are last
	groups []*group
}

// A group is the members of one group that want the subject.
type group struct {
	members []*Queue
	turn    atomic.Uint64
}

func newRoute(t Target, subs []*memorySub) *route {
	r := &route{Target: t}
	byName := map[string]*group{}
	for _, sub := range subs {
		switch {
		case !sub.filter.Match(t.Subject):
		case sub.group == "":
			r.queues = append(r.queues, sub.Queue)
		default:
			g := byName[sub.group]
			if g == nil {
				g = new(group)
				byName[sub.group] = g
				r.groups = append(r.groups, g)
			}
			g.members = append(g.members, sub.Queue)
		}
	}
	// Whoever makes the publisher wait comes last, so that only the publisher waits.
	slices.SortStableFunc(r.queues, func(a, b *Queue) int { return cmp.Compare(patience(a), patience(b)) })
	slices.SortStableFunc(r.groups, func(a, b *group) int { return cmp.Compare(patience(a.members[0]), patience(b.members[0])) })
	return r
}

func patience(q *Queue) int {
	if q.policy == Block {
		return 1
	}
	return 0
}

// deliver pushes d to every queue and to one member of every group. It returns
// how many took it.
func (r *route) deliver(ctx context.Context, d Delivery) (int, error) {
	n := 0
	var errs error
	count := func(err error) {
		switch {
		case err == nil:
			n++
		case !errors.Is(err, ErrClosed):
			errs = errors.Join(errs, err)
		}
	}
	for _, q := range r.queues {
		count(q.Push(ctx, d))
	}
	for _, g := range r.groups {
		count(g.push(ctx, d))
	}
	return n, errs
}

// push gives d to the member whose turn it is, or to the next that is open.
func (g *group) push(ctx context.Context, d Delivery) error {
	turn := g.turn.Add(1)
	for i := range g.members {
		q := g.members[(turn+uint64(i))%uint64(len(g.members))]
		if err := q.Push(ctx, d); !errors.Is(err, ErrClosed) {
			return err
		}
	}
	return ErrClosed
}
