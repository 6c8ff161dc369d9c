package main

import (
	"fmt"
	"log"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"tailscale.com/net/tsaddr"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
	"tailscale.com/util/rands"
)

// How long an ephemeral device that is not connected stays.
const ephemeralGrace = 30 * time.Second

// device is a node, and what only the API shows of it.
type device struct {
	node      tailcfg.Node
	hostname  string
	ephemeral bool
	created   time.Time
	lastSeen  time.Time
	streams   int // open long polls: it is connected while there is one
}

// authKey lets devices in.
type authKey struct {
	id, secret, description string
	capabilities            capabilities
	created, expires        time.Time
	used, revoked           bool
}

// tailnet is everything that requests share. Methods that end in Locked need mu.
type tailnet struct {
	domain string
	relay  *tailcfg.DERPMap
	noise  key.MachinePrivate
	legacy key.MachinePublic

	mu       sync.Mutex
	access   access
	serial   int
	devices  []*device
	keys     []*authKey
	services map[string]service
	changed  chan struct{} // closed and replaced whenever what nodes see changes
}

func newTailnet(domain string, relay *tailcfg.DERPMap) *tailnet {
	return &tailnet{
		domain: domain, relay: relay, noise: key.NewMachine(), legacy: key.NewControl().Public(),
		services: map[string]service{}, changed: make(chan struct{}),
	}
}

// handler is what nodes and callers of the API reach.
func (t *tailnet) handler() http.Handler {
	mux := http.NewServeMux()
	t.serveNodes(mux)
	t.serveAPI(mux)
	return mux
}

func (t *tailnet) changeLocked() {
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *tailnet) findLocked(matches func(*device) bool) *device {
	if i := slices.IndexFunc(t.devices, matches); i >= 0 {
		return t.devices[i]
	}
	return nil
}

func withKey(node key.NodePublic) func(*device) bool {
	return func(d *device) bool { return d.node.Key == node }
}

var notInLabel = regexp.MustCompile(`[^a-z0-9]+`)

// nameLocked gives the name that a host name asks for, with a number where another device has it.
func (t *tailnet) nameLocked(hostname string) string {
	base := strings.Trim(notInLabel.ReplaceAllString(strings.ToLower(hostname), "-"), "-")
	for i := 0; ; i++ {
		name := base
		if i > 0 {
			name = fmt.Sprintf("%s-%d", base, i)
		}
		name += "." + t.domain + "."
		if t.findLocked(func(d *device) bool { return d.node.Name == name }) == nil {
			return name
		}
	}
}

// joinLocked adds a device that showed a key.
func (t *tailnet) joinLocked(req *tailcfg.RegisterRequest, machine key.MachinePublic, ak *authKey) {
	t.serial++
	create, now := ak.capabilities.Devices.Create, time.Now()
	v4 := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64 + byte(t.serial>>16), byte(t.serial >> 8), byte(t.serial)}), 32)
	addresses := []netip.Prefix{v4, netip.PrefixFrom(tsaddr.Tailscale4To6(v4.Addr()), 128)}
	d := &device{
		hostname: req.Hostinfo.Hostname, ephemeral: req.Ephemeral || create.Ephemeral, created: now, lastSeen: now,
		node: tailcfg.Node{
			ID: tailcfg.NodeID(t.serial), StableID: tailcfg.StableNodeID(fmt.Sprintf("n%dCNTRL", t.serial)), User: user.ID,
			Name: t.nameLocked(req.Hostinfo.Hostname), Machine: machine, Key: req.NodeKey, MachineAuthorized: true,
			Addresses: addresses, AllowedIPs: addresses, Hostinfo: req.Hostinfo.View(), Cap: req.Version, Tags: create.Tags,
			Created: now, CapMap: tailcfg.NodeCapMap{tailcfg.NodeAttrDisableUPnP: nil},
		},
	}
	t.devices = append(t.devices, d)
	log.Printf("joined: %s %s %v", d.node.StableID, d.node.Name, d.node.Tags)
	t.changeLocked()
}

// spendLocked gives the key that lets a device in, or says why none does.
func (t *tailnet) spendLocked(secret string) (*authKey, string) {
	i := slices.IndexFunc(t.keys, func(k *authKey) bool { return k.secret == secret })
	if secret == "" || i < 0 {
		return nil, "invalid key: API key does not exist"
	}
	k := t.keys[i]
	switch {
	case k.revoked:
		return nil, "invalid key: API key does not exist"
	case time.Now().After(k.expires):
		return nil, "invalid key: API key expired"
	case k.used && !k.capabilities.Devices.Create.Reusable:
		return nil, "invalid key: API key already used"
	}
	k.used = true
	return k, ""
}

func (t *tailnet) removeLocked(d *device) {
	t.devices = slices.DeleteFunc(t.devices, func(one *device) bool { return one == d })
	log.Printf("removed: %s %s", d.node.StableID, d.node.Name)
	t.changeLocked()
}

// leftLocked notes that a device's last connection ended.
func (t *tailnet) leftLocked(d *device) {
	d.lastSeen = time.Now()
	if d.ephemeral {
		time.AfterFunc(ephemeralGrace, func() { t.forget(d) })
	}
	t.changeLocked()
}

// forget removes an ephemeral device that has not come back.
func (t *tailnet) forget(d *device) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d.streams == 0 && slices.Contains(t.devices, d) {
		t.removeLocked(d)
	}
}

func secret(prefix string) string { return prefix + rands.HexString(24) }
