// Answers for each line of standard input (a JSON string) what Go's standard library makes of it: one JSON object a line.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

func answer(text string) map[string]any {
	all := map[string]any{}
	tell := func(name string, value any, err error) {
		if err != nil {
			value = nil
		}
		all[name] = value
	}
	duration, err := time.ParseDuration(text)
	tell("duration", int64(duration), err)
	if ip := net.ParseIP(text); ip != nil {
		tell("ip", address(netip.MustParseAddr(ip.String())), nil)
	} else {
		tell("ip", nil, nil)
	}
	_, network, err := net.ParseCIDR(text)
	if err == nil {
		ones, _ := network.Mask.Size()
		tell("cidr", fmt.Sprint(hex.EncodeToString(network.IP), "/", ones), nil)
	} else {
		tell("cidr", nil, nil)
	}
	host, port, err := net.SplitHostPort(text)
	if err == nil {
		tell("host_port", []string{host, port}, nil)
	} else {
		reason := "brackets"
		switch err.(*net.AddrError).Err {
		case "missing port in address":
			reason = "missing"
		case "too many colons in address":
			reason = "colons"
		}
		tell("host_port", reason, nil)
	}
	addr, err := netip.ParseAddr(text)
	if err == nil {
		tell("addr", []any{address(addr.WithZone("")), addr.Zone() != ""}, nil)
	} else {
		tell("addr", nil, nil)
	}
	prefix, err := netip.ParsePrefix(text)
	if err == nil {
		tell("prefix", address(prefix.Addr()), nil)
	} else {
		tell("prefix", nil, nil)
	}
	_, err = netip.ParseAddrPort(text)
	tell("addr_port", err == nil, nil)
	number, err := strconv.Atoi(text)
	tell("atoi", number, err)
	for _, bits := range []int{16, 32} {
		unsigned, err := strconv.ParseUint(text, 10, bits)
		tell(fmt.Sprint("uint", bits), unsigned, err)
		unsigned, err = strconv.ParseUint(text, 0, bits)
		tell(fmt.Sprint("any", bits), unsigned, err)
	}
	truth, err := strconv.ParseBool(text)
	tell("bool", truth, err)
	float, err := strconv.ParseFloat(text, 64)
	tell("float", fmt.Sprintf("%016x", math.Float64bits(float)), err)
	if err == nil && math.IsNaN(float) {
		tell("float", "nan", nil)
	}
	bytes, err := base64.StdEncoding.DecodeString(text)
	tell("base64", hex.EncodeToString(bytes), err)
	for name, parse := range map[string]func(string) (*url.URL, error){"url": url.Parse, "request": url.ParseRequestURI} {
		read, err := parse(text)
		if err != nil {
			tell(name, nil, nil)
			continue
		}
		tell(name, []any{read.Scheme, read.Hostname(), read.Port(), read.Opaque, read.RawQuery != "" || read.ForceQuery || strings.Contains(text, "#") && name == "url"}, nil)
	}
	return all
}

// The bytes of an address: how it is printed differs between the languages.
func address(addr netip.Addr) string {
	return hex.EncodeToString(addr.Unmap().AsSlice())
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var text string
		if err := json.Unmarshal(lines.Bytes(), &text); err != nil {
			panic(err)
		}
		line, err := json.Marshal(answer(text))
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(out, string(line))
	}
}
