package event

import "time"

// appendTime appends t in the one form we write: RFC 3339, UTC, exactly six
// decimals.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	text := [...]byte{4: '-', 7: '-', 10: 'T', 13: ':', 16: ':', 19: '.', 26: 'Z'}
	digits(text[0:4], year)
	digits(text[5:7], int(month))
	digits(text[8:10], day)
	digits(text[11:13], hour)
	digits(text[14:16], minute)
	digits(text[17:19], second)
	digits(text[20:26], t.Nanosecond()/1000)
	return append(dst, text[:]...)
}

// digits fills dst with n in decimal.
func digits(dst []byte, n int) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
}

// writable reports whether t fits the form: years 1 to 9999.
func writable(t time.Time) bool {
	year := t.UTC().Year()
	return !t.IsZero() && 1 <= year && year <= 9999
}

// parseTime reads RFC 3339 with any number of decimals, also without a zone,
// which then is UTC. Decimals beyond the sixth are cut off.
func parseTime(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04:05") || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	var n [6]int
	for i, field := range [...]string{s[:4], s[5:7], s[8:10], s[11:13], s[14:16], s[17:19]} {
		v, ok := number(field)
		if !ok {
			return time.Time{}, false
		}
		n[i] = v
	}
	nanos, rest, ok := fraction(s[19:])
	offset, known := zone(rest)
	if !ok || !known || n[0] < 1 || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return time.Time{}, false
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], nanos, time.UTC)
	if y, m, d := t.Date(); y != n[0] || int(m) != n[1] || d != n[2] { // no 31 April
		return time.Time{}, false
	}
	t = t.Add(-offset)
	return t, writable(t)
}

// number reads a field of digits only.
func number(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

// fraction reads the decimals of a second, if there are any.
func fraction(s string) (nanos int, rest string, ok bool) {
	if s == "" || s[0] != '.' {
		return 0, s, true
	}
	end := 1
	for end < len(s) && '0' <= s[end] && s[end] <= '9' {
		end++
	}
	for i := 1; i <= 6; i++ {
		nanos *= 10
		if i < end {
			nanos += int(s[i] - '0')
		}
	}
	return nanos * 1000, s[end:], end > 1
}

// zone reads the offset from UTC.
func zone(s string) (time.Duration, bool) {
	if s == "" || s == "Z" {
		return 0, true
	}
	if len(s) != len("+01:00") || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	hours, okH := number(s[1:3])
	minutes, okM := number(s[4:6])
	if !okH || !okM || hours > 23 || minutes > 59 {
		return 0, false
	}
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}
