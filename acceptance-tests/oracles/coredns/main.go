// Says of many Corefiles, in one process, whether CoreDNS 1.15.0 takes them. Nothing is served.
//
// Input: frames of a decimal length, a newline, and that many bytes. Output: one JSON verdict a line. Every directive of
// every server block is set up, also after one that fails for want of something that only the machine can give, so that
// such a failure hides no error of grammar.
//
// With the argument `cases` it prints what CoreDNS' own set-up tests try instead: a JSON text a line, each a Corefile.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
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
	// Grammar, panic, or what of the environment is missing: cluster, file, host, machine (one of these, with its type lost).
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// Verdict is the answer for one Corefile.
type Verdict struct {
	Refusals []Refusal `json:"refusals"`
}

// Whether the plugin that is being set up has asked for a host. Some lose the type of what came of it.
var asked atomic.Bool

func kindOf(err error) string {
	var path *fs.PathError
	var lookup *net.DNSError
	var operation *net.OpError
	switch {
	case errors.Is(err, rest.ErrNotInCluster):
		return "cluster"
	case errors.As(err, &path) && path.Path != "":
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

// A plugin that waits for another server would wait for ever.
const patience = 15 * time.Second

// setUp runs one directive as caddy does, for as long as that does not wait for another server.
func setUp(c *caddy.Controller, directive string) (err error, panicked bool) {
	type outcome struct {
		err      error
		panicked bool
	}
	done := make(chan outcome, 1)
	go func() {
		err, panicked := setUpNow(c, directive)
		done <- outcome{err, panicked}
	}()
	select {
	case found := <-done:
		return found.err, found.panicked
	case <-time.After(patience):
		asked.Store(true)
		return fmt.Errorf("%s waits for another server", directive), false
	}
}

// setUpNow runs one directive; a panic would end CoreDNS, so it counts as a refusal.
func setUpNow(c *caddy.Controller, directive string) (err error, panicked bool) {
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

// CoreDNS reads the whole grammar of kubernetes, and then looks for the cluster around it. Where the file names none, an
// address is added, which nobody asks during set-up, so that what comes after the grammar is judged as well.
func withEndpoint(tokens []caddyfile.Token) []caddyfile.Token {
	last := tokens[len(tokens)-1]
	at := func(line int, text string) caddyfile.Token {
		return caddyfile.Token{File: last.File, Line: line, Text: text}
	}
	const own = 1 << 30
	option := []caddyfile.Token{at(own, "endpoint"), at(own, "http://127.0.0.1:1")}
	if len(tokens) > 1 && last.Text == "}" {
		return append(append(append([]caddyfile.Token{}, tokens[:len(tokens)-1]...), option...), at(own+1, "}"))
	}
	return append(append(append(append([]caddyfile.Token{}, tokens...), at(last.Line, "{")), option...), at(own+1, "}"))
}

// Plugins whose errors have lost their type, and the tokens with everything that such a plugin takes from the machine
// replaced by what this one has: a refusal that goes with it was of the machine, and one that stays is of the grammar.
var gifts = map[string]func([]caddyfile.Token) []caddyfile.Token{
	"autopath": replaced(func(line []string, i int) bool { return i == len(line)-1 && line[i][:1] != "@" }, resolver),
	"bind":     replaced(func(line []string, i int) bool { return i > 0 && net.ParseIP(line[i]) == nil }, address),
	"forward":  replaced(isHost("forward"), address),
	"grpc":     replaced(isHost("grpc"), address),
	"tls":      replaced(func(line []string, i int) bool { return line[0] == "tls" && i > 0 }, pair),
}

func resolver(string) string { return "/etc/resolv.conf" }

// One address for each word, which nothing else has.
func address(word string) string {
	sum := fnv.New32a()
	io.WriteString(sum, word)
	return fmt.Sprintf("127.9.%d.%d", byte(sum.Sum32()>>8), byte(sum.Sum32()))
}

// Whether it is an upstream that might be a file or a host, and is neither here.
func isHost(plugin string) func([]string, int) bool {
	return func(line []string, i int) bool {
		host := line[i]
		for _, scheme := range []string{"tls://", "quic://", "https://"} {
			host = strings.TrimPrefix(host, scheme)
		}
		if line[0] != plugin || i < 2 || host == "" || strings.ContainsAny(host, ":/%") || net.ParseIP(host) != nil {
			return false
		}
		_, err := net.LookupHost(host)
		var lookup *net.DNSError
		return errors.As(err, &lookup)
	}
}

// replaced puts another word in the place of those that are meant, by their line and their place in it.
func replaced(meant func(line []string, i int) bool, by func(string) string) func([]caddyfile.Token) []caddyfile.Token {
	return func(tokens []caddyfile.Token) []caddyfile.Token {
		out := append([]caddyfile.Token{}, tokens...)
		for begin := 0; begin < len(out); {
			end, line := begin, []string{}
			for ; end < len(out) && out[end].Line == out[begin].Line && out[end].Text != "{"; end++ {
				line = append(line, out[end].Text)
			}
			for i := range line {
				if line[i] != "" && meant(line, i) {
					out[begin+i].Text = by(line[i])
				}
			}
			if begin = end; begin < len(out) && out[begin].Text == "{" {
				begin++
			}
		}
		return out
	}
}

// pair writes a key and its certificate into one file, once, and gives its name.
func pair(string) string { return written() }

var written = sync.OnceValue(func() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return ""
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	certificate, _ := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	secret, _ := x509.MarshalPKCS8PrivateKey(key)
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...)
	if os.WriteFile(pairFile(), text, 0o600) != nil {
		return ""
	}
	return pairFile()
})

// Not in the folder that it runs in: that one is to stay empty.
func pairFile() string {
	return filepath.Join(os.TempDir(), "corefile-oracle-"+strconv.Itoa(os.Getpid())+".pem")
}

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
			asked.Store(false)
			again := func(tokens []caddyfile.Token) (error, bool) {
				c.Dispenser = caddyfile.NewDispenserTokens("Corefile", tokens)
				return setUp(&c, directive)
			}
			before := len(instanceOf(&c).OnStartup)
			err, panicked := setUp(&c, directive)
			if !panicked && errors.Is(err, rest.ErrNotInCluster) {
				err, panicked = again(withEndpoint(tokens))
			}
			if panicked {
				refuse(directive, "panic", err.Error())
			} else if err != nil {
				kind, text := kindOf(err), err.Error()
				if asked.Load() {
					kind = "host"
				}
				if give, ok := gifts[directive]; ok {
					tokens := give(tokens)
					asked.Store(false)
					if err, panicked := again(tokens); err == nil && !panicked {
						kind = "machine"
					} else if kind == "host" && !asked.Load() && err != nil {
						kind, text = kindOf(err), err.Error()
					}
				}
				refuse(directive, kind, text)
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
	for _, refusal := range verdict.Refusals {
		if refusal.Plugin == "kubernetes" {
			return
		}
	}
	// These two look for kubernetes when the server starts, and open nothing.
	for _, start := range atStart {
		if err := start(); err != nil {
			refuse("", "grammar", err.Error())
		}
	}
	return
}

// googleAccount writes an account that nobody has, so that clouddns gets as far as asking for its zones.
func googleAccount() string {
	name := filepath.Join(os.TempDir(), "corefile-oracle-"+strconv.Itoa(os.Getpid())+".json")
	account := `{"type":"authorized_user","client_id":"nobody","client_secret":"nothing","refresh_token":"nothing"}`
	if os.WriteFile(name, []byte(account), 0o600) != nil {
		return ""
	}
	return name
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "cases" {
		if err := printCases(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		return
	}
	defer os.Remove(pairFile())
	account := googleAccount()
	defer os.Remove(account)
	os.Setenv("GOOGLE_APPLICATION_CREDENTIALS", account)
	log.SetOutput(io.Discard)
	os.Unsetenv("KUBERNETES_SERVICE_HOST")
	os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	os.Setenv("AWS_REGION", "us-east-1")
	os.Setenv("AWS_ACCESS_KEY_ID", "nobody")
	os.Setenv("AWS_SECRET_ACCESS_KEY", "nothing")
	os.Setenv("AWS_MAX_ATTEMPTS", "1")
	caddy.Quiet, dnsserver.Quiet = true, true
	// A name that forward would resolve, or the API of a cloud, fails at once instead of after timeouts.
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		asked.Store(true)
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
