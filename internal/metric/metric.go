// Package metric holds numbers that a process tells of itself, and writes them
// in the text format of Prometheus (version 0.0.4).
//
//	families := []metric.Family{{Name: "onex_up", Type: metric.Gauge, Samples: []metric.Sample{{Value: 1}}}}
//	metric.Write(w, families)
package metric

import (
	"bufio"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Type says how the numbers of a family behave.
type Type string

// The types.
const (
	Counter   Type = "counter" // only grows; its name ends in _total
	Gauge     Type = "gauge"
	Histogram Type = "histogram"
)

// ContentType is that of what [Write] writes.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// A Family is all samples of one name.
type Family struct {
	Name    string // of letters, digits and _, beginning with onex_ or process_ or go_
	Help    string // one line
	Type    Type
	Bounds  []float64 // upper bounds of the buckets of a histogram, growing; the last one, infinity, is implied
	Samples []Sample
}

// A Sample is a number, or the state of a histogram.
type Sample struct {
	Labels  []Label
	Value   float64  // of a histogram the sum
	Count   uint64   // of a histogram
	Buckets []uint64 // of a histogram: in each bucket, not summed; one more than Bounds
}

// A Label is one dimension of a sample.
type Label struct{ Name, Value string }

// Write writes families as Prometheus reads them. Those without samples are
// left out.
func Write(w io.Writer, families []Family) error {
	b := bufio.NewWriter(w)
	for _, f := range families {
		if len(f.Samples) == 0 {
			continue
		}
		b.WriteString("# HELP " + f.Name + " " + help(f.Help) + "\n# TYPE " + f.Name + " " + string(f.Type) + "\n")
		for _, s := range f.Samples {
			if f.Type == Histogram {
				f.writeHistogram(b, s)
				continue
			}
			line(b, f.Name, s.Labels, s.Value)
		}
	}
	return b.Flush()
}

func (f Family) writeHistogram(b *bufio.Writer, s Sample) {
	var sum uint64
	for i, n := range s.Buckets {
		sum += n
		bound := math.Inf(1)
		if i < len(f.Bounds) {
			bound = f.Bounds[i]
		}
		line(b, f.Name+"_bucket", append(slices.Clip(s.Labels), Label{"le", number(bound)}), float64(sum))
	}
	line(b, f.Name+"_sum", s.Labels, s.Value)
	line(b, f.Name+"_count", s.Labels, float64(s.Count))
}

func line(b *bufio.Writer, name string, labels []Label, v float64) {
	b.WriteString(name)
	for i, l := range labels {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(l.Name + `="` + quote(l.Value) + `"`)
	}
	if len(labels) > 0 {
		b.WriteByte('}')
	}
	b.WriteString(" " + number(v) + "\n")
}

func number(v float64) string {
	if math.IsInf(v, 1) {
		return "+Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func help(s string) string { return strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(s) }
func quote(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(strings.ToValidUTF8(s, "\uFFFD"))
}

// maxSeries bounds the label values that a [Vector] remembers; beyond, they are
// counted together under the value "other".
const maxSeries = 200

// A Vector is a histogram for each combination of label values. The zero value,
// with Family's Name, Help, Bounds and Labels set, is ready.
type Vector struct {
	Family Family
	Labels []string

	mu     sync.Mutex
	series map[string]*Sample
	order  []string
}

// Observe counts v for the given values of the labels.
func (h *Vector) Observe(v float64, values ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := strings.Join(values, "\xff")
	s := h.series[key]
	if s == nil && len(h.series) >= maxSeries {
		values = slices.Repeat([]string{"other"}, len(values))
		key = strings.Join(values, "\xff")
		s = h.series[key]
	}
	if s == nil {
		s = h.add(key, values)
	}
	s.Count++
	s.Value += v
	i, _ := slices.BinarySearch(h.Family.Bounds, v) // a bound belongs to its bucket
	s.Buckets[i]++
}

func (h *Vector) add(key string, values []string) *Sample {
	s := &Sample{Buckets: make([]uint64, len(h.Family.Bounds)+1)}
	for i, name := range h.Labels {
		s.Labels = append(s.Labels, Label{name, values[i]})
	}
	if h.series == nil {
		h.series = map[string]*Sample{}
	}
	h.series[key] = s
	h.order = append(h.order, key)
	return s
}

// Collect returns what was counted so far.
func (h *Vector) Collect() Family {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.Family
	f.Type = Histogram
	for _, key := range h.order {
		s := *h.series[key]
		s.Buckets = slices.Clone(s.Buckets)
		f.Samples = append(f.Samples, s)
	}
	return f
}
