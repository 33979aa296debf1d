package event

import "time"

// appendTime appends t in the one form we write: RFC 3339, UTC, exactly six
// decimals.
func appendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, zeroTime...)
	putTime(dst[len(dst)-len(zeroTime):], t)
	return dst
}

const zeroTime = "0000-00-00T00:00:00.000000Z"

// putTime writes the digits of t over those of another time.
func putTime(text []byte, t time.Time) {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	micro := t.Nanosecond() / 1000
	_ = text[:26]
	two(text[0:], year/100)
	two(text[2:], year%100)
	two(text[5:], int(month))
	two(text[8:], day)
	two(text[11:], hour)
	two(text[14:], minute)
	two(text[17:], second)
	two(text[20:], micro/10_000)
	two(text[22:], micro/100%100)
	two(text[24:], micro%100)
}

// two puts n, which is less than 100, in front of dst.
func two(dst []byte, n int) {
	const pairs = "00010203040506070809" + "10111213141516171819" + "20212223242526272829" + "30313233343536373839" +
		"40414243444546474849" + "50515253545556575859" + "60616263646566676869" + "70717273747576777879" +
		"80818283848586878889" + "90919293949596979899"
	dst[0], dst[1] = pairs[2*n], pairs[2*n+1]
}

// writable reports whether t fits the form: years 1 to 9999, and not the zero
// time.
func writable(t time.Time) bool {
	const first, end = -62_135_596_800, 253_402_300_800 // seconds of 0001-01-01 and 10000-01-01 from 1970
	s := t.Unix()
	return first <= s && s < end && !t.IsZero()
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

// parseOwnTime reads the form that [appendTime] writes.
func parseOwnTime(b []byte) (time.Time, bool) {
	if len(b) != len(zeroTime) || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[19] != '.' || b[26] != 'Z' {
		return time.Time{}, false
	}
	year, month, day := 100*pair(b[0:])+pair(b[2:]), pair(b[5:]), pair(b[8:])
	hour, minute, second := pair(b[11:]), pair(b[14:]), pair(b[17:])
	micro := 10_000*pair(b[20:]) + 100*pair(b[22:]) + pair(b[24:])
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 59 || micro > 999_999 {
		return time.Time{}, false
	}
	t := time.Date(int(year), time.Month(month), int(day), int(hour), int(minute), int(second), int(1000*micro), time.UTC)
	return t, !t.IsZero()
}

// pair reads two digits. Without them it returns more than any sum of three can
// have.
func pair(b []byte) int64 {
	tens, ones := b[0]-'0', b[1]-'0'
	if tens > 9 || ones > 9 {
		return 1 << 30
	}
	return 10*int64(tens) + int64(ones)
}

func daysIn(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
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
