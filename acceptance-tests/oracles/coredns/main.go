// Says of many Corefiles, in one process, whether CoreDNS 1.14.7 takes them. Nothing is served.
//
// Input: frames of a decimal length, a newline, and that many bytes. Output: one JSON verdict a line. Every directive of
// every server block is set up, also after one that fails for want of something that only the machine can give, so that
// such a failure hides no error of grammar.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"os"
	"reflect"
	"strconv"
	"strings"
	"unsafe"

	"github.com/coredns/caddy"
	"github.com/coredns/caddy/caddyfile"
	"github.com/coredns/coredns/core/dnsserver"
	_ "github.com/coredns/coredns/core/plugin"
	"k8s.io/client-go/rest"
)

// Refusal is one reason why a Corefile is not taken.
type Refusal struct {
	Plugin string `json:"plugin"`
	// Grammar, or what of the environment is missing: cluster, file, host, panic.
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// Verdict is the answer for one Corefile.
type Verdict struct {
	Refusals []Refusal `json:"refusals"`
}

func kindOf(err error) string {
	var path *fs.PathError
	var lookup *net.DNSError
	var operation *net.OpError
	switch {
	case errors.Is(err, rest.ErrNotInCluster):
		return "cluster"
	case errors.As(err, &path):
		return "file"
	case errors.As(err, &lookup), errors.As(err, &operation):
		return "host"
	}
	return "grammar"
}

func instanceOf(c *caddy.Controller) *caddy.Instance {
	field := reflect.ValueOf(c).Elem().FieldByName("instance")
	return (*caddy.Instance)(unsafe.Pointer(field.Pointer()))
}

// setUp runs one directive as caddy does; a panic would end CoreDNS, so it counts as a refusal.
func setUp(c *caddy.Controller, directive string) (err error, panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			err, panicked = fmt.Errorf("panic: %v", r), true
		}
	}()
	setup, err := caddy.DirectiveAction("dns", directive)
	if err != nil {
		return err, false
	}
	return setup(c), false
}

// Plugins that would talk to the network when they are set up. Their grammar is judged by files that they refuse.
var talks = map[string]bool{"route53": true, "azure": true, "clouddns": true}

func judge(body []byte) (verdict Verdict) {
	verdict.Refusals = []Refusal{}
	refuse := func(plugin, kind, text string) {
		verdict.Refusals = append(verdict.Refusals, Refusal{plugin, kind, text})
	}
	defer func() {
		if r := recover(); r != nil {
			refuse("", "panic", fmt.Sprint(r))
		}
	}()
	blocks, err := caddyfile.Parse("Corefile", bytes.NewReader(body), caddy.ValidDirectives("dns"))
	if err != nil {
		refuse("", "grammar", err.Error())
		return
	}
	base := caddy.NewTestController("dns", "")
	servers := base.Context()
	blocks, err = servers.InspectServerBlocks("Corefile", blocks)
	if err != nil {
		refuse("", "grammar", err.Error())
		return
	}
	var atStart []func() error
	storages := map[string]any{}
	for _, directive := range dnsserver.Directives {
		for i, block := range blocks {
			tokens, ok := block.Tokens[directive]
			if !ok || len(block.Keys) == 0 {
				continue
			}
			c := *base
			c.Key = block.Keys[0]
			c.Dispenser = caddyfile.NewDispenserTokens("Corefile", tokens)
			c.OncePerServerBlock = func(f func() error) error { return f() }
			c.ServerBlockIndex, c.ServerBlockKeyIndex = i, 0
			c.ServerBlockKeys = block.Keys
			key := strconv.Itoa(i) + directive
			c.ServerBlockStorage = storages[key]
			if talks[directive] && os.Getenv("ORACLE_NETWORK") == "" {
				refuse(directive, "host", "not set up: it would talk to the network")
				continue
			}
			before := len(instanceOf(&c).OnStartup)
			if err, panicked := setUp(&c, directive); panicked {
				refuse(directive, "panic", err.Error())
			} else if err != nil {
				refuse(directive, kindOf(err), err.Error())
			} else if directive == "k8s_external" || directive == "autopath" {
				atStart = append(atStart, instanceOf(&c).OnStartup[before:]...)
			}
			storages[key] = c.ServerBlockStorage
		}
	}
	for _, refusal := range verdict.Refusals {
		if refusal.Kind == "grammar" || refusal.Kind == "panic" {
			return
		}
	}
	if _, err := servers.MakeServers(); err != nil {
		refuse("", "grammar", err.Error())
		return
	}
	if len(verdict.Refusals) > 0 {
		return
	}
	// These two look for other plugins when the server starts, and open nothing.
	for _, start := range atStart {
		if err := start(); err != nil {
			refuse("", "grammar", err.Error())
		}
	}
	return
}

func main() {
	log.SetOutput(io.Discard)
	caddy.Quiet, dnsserver.Quiet = true, true
	// A name that forward would resolve fails at once instead of after the resolver's timeouts.
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: errors.New("the oracle asks nobody")}
	}}
	// Plugins print warnings to the standard output, which belongs to the verdicts.
	answers := os.Stdout
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stdout = null
	}
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriterSize(answers, 1<<20)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		length, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			fmt.Fprintln(os.Stderr, "not a length:", line)
			os.Exit(2)
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			fmt.Fprintln(os.Stderr, "the frame ends too early:", err)
			os.Exit(2)
		}
		if err := encoder.Encode(judge(body)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}
