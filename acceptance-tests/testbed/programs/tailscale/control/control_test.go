package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tailscale.com/client/tailscale/v2"
	"tailscale.com/envknob"
	"tailscale.com/tsnet"
)

const limit = time.Minute

// scene is a tailnet that is up, and a client of its API that may do everything.
type scene struct {
	t       *testing.T
	tailnet *tailnet
	url     string
	api     *tailscale.Client
	ctx     context.Context
}

func newScene(t *testing.T) *scene {
	t.Helper()
	envknob.SetNoLogsNoSupport()
	relay, err := startRelay("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	world := newTailnet("tail1234.ts.net", relay)
	world.access.keys = []string{"tskey-api-test"}
	server := httptest.NewServer(world.handler())
	t.Cleanup(server.CloseClientConnections)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return &scene{t: t, tailnet: world, url: server.URL, api: &tailscale.Client{BaseURL: base, APIKey: "tskey-api-test"}, ctx: ctx}
}

func (s *scene) key(reusable, ephemeral bool) *tailscale.Key {
	s.t.Helper()
	var wanted tailscale.CreateKeyRequest
	create := &wanted.Capabilities.Devices.Create
	create.Reusable, create.Ephemeral, create.Tags = reusable, ephemeral, []string{"tag:k8s"}
	key, err := s.api.Keys().CreateAuthKey(s.ctx, wanted)
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

// join starts a node; it is up when its name is not empty.
func (s *scene) join(hostname, key string) (*tsnet.Server, string) {
	s.t.Helper()
	node := &tsnet.Server{ControlURL: s.url, Hostname: hostname, Dir: s.t.TempDir(), AuthKey: key, Logf: func(string, ...any) {}}
	s.t.Cleanup(func() { node.Close() })
	status, err := node.Up(s.ctx)
	if err != nil {
		s.t.Fatalf("%s does not come up: %v", hostname, err)
	}
	return node, strings.TrimSuffix(status.Self.DNSName, ".")
}

// until looks again until it holds, within the scene's limit.
func (s *scene) until(what string, holds func() bool) {
	s.t.Helper()
	for !holds() {
		select {
		case <-s.ctx.Done():
			s.t.Fatalf("%s: not within %v", what, limit)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *scene) device(name string) *tailscale.Device {
	s.t.Helper()
	all, err := s.api.Devices().List(s.ctx, tailscale.WithFilter("name", []string{name}))
	if err != nil {
		s.t.Fatal(err)
	}
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}

func TestRealNodesReachEachOtherByName(t *testing.T) {
	s := newScene(t)
	key := s.key(true, false).Key
	server, name := s.join("target", key)
	listener, err := server.Listen("tcp", ":80")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, "hello")
			conn.Close()
		}
	}()
	caller, _ := s.join("caller", key)
	conn, err := caller.Dial(s.ctx, "tcp", net.JoinHostPort(name, "80"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got, err := io.ReadAll(conn); err != nil || string(got) != "hello" {
		t.Fatalf("read %q, %v", got, err)
	}
}

func TestANameThatIsTakenGetsANumberAndIsFreeAgainAfterDeletion(t *testing.T) {
	s := newScene(t)
	key := s.key(true, false).Key
	first, name := s.join("k8s", key)
	if name != "k8s.tail1234.ts.net" {
		t.Fatal(name)
	}
	if _, name := s.join("k8s", key); name != "k8s-1.tail1234.ts.net" {
		t.Fatal(name)
	}
	before := s.device("k8s.tail1234.ts.net")
	if !before.ConnectedToControl || before.LastSeen != nil {
		t.Fatalf("%+v", before)
	}
	// It is gone without a farewell: the device stays, and is stale.
	first.Close()
	s.until("away", func() bool { return !s.device(name).ConnectedToControl })
	if s.device(name).LastSeen == nil {
		t.Fatal("a device that is away was seen some time")
	}
	if err := s.api.Devices().Delete(s.ctx, before.NodeID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.api.Devices().Get(s.ctx, before.NodeID); !tailscale.IsNotFound(err) {
		t.Fatal(err)
	}
	if _, name := s.join("k8s", key); name != "k8s.tail1234.ts.net" {
		t.Fatal(name)
	}
}

func TestAKeyLetsInOnceAndARevokedOneNobody(t *testing.T) {
	s := newScene(t)
	once := s.key(false, false)
	s.join("one", once.Key)
	revoked := s.key(true, false)
	if err := s.api.Keys().Delete(s.ctx, revoked.ID); err != nil {
		t.Fatal(err)
	}
	for secret, wanted := range map[string]string{
		once.Key: "already used", revoked.Key: "does not exist", "": "does not exist",
	} {
		s.tailnet.mu.Lock()
		_, why := s.tailnet.spendLocked(secret)
		s.tailnet.mu.Unlock()
		if !strings.Contains(why, wanted) {
			t.Errorf("%s instead of %s", why, wanted)
		}
	}
}

func TestATokenEndsWithItsClientAndNotBefore(t *testing.T) {
	s := newScene(t)
	operator, other := client{ID: "operator", Secret: "a", Scopes: []string{"all"}}, client{ID: "other", Secret: "b"}
	replace := func(clients ...client) {
		s.tailnet.mu.Lock()
		defer s.tailnet.mu.Unlock()
		s.tailnet.access.replace(nil, clients)
	}
	replace(operator)
	api := &tailscale.Client{BaseURL: s.api.BaseURL, Auth: &tailscale.OAuth{ClientID: "operator", ClientSecret: "a"}}
	list := func() error {
		_, err := api.Devices().List(s.ctx)
		return err
	}
	if err := list(); err != nil {
		t.Fatal(err)
	}
	replace(operator, other)
	if err := list(); err != nil {
		t.Fatalf("its client is still accepted: %v", err)
	}
	operator.Secret = "rotated"
	replace(operator, other)
	var refused tailscale.APIError
	if err := list(); !errors.As(err, &refused) || refused.Status != 401 {
		t.Fatalf("the token of a client whose secret changed: %v", err)
	}
}

func TestAnEphemeralNodeThatLogsOutIsGone(t *testing.T) {
	s := newScene(t)
	node, name := s.join("runner", s.key(false, true).Key)
	if !s.device(name).IsEphemeral {
		t.Fatal("its key was of an ephemeral device")
	}
	local, err := node.LocalClient()
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Logout(s.ctx); err != nil {
		t.Fatal(err)
	}
	s.until("gone", func() bool { return s.device(name) == nil })
}
