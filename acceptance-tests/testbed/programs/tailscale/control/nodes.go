package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"log"
	"net/http"
	"slices"
	"time"

	"golang.org/x/net/http2"
	"tailscale.com/control/controlhttp/controlhttpserver"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
	"tailscale.com/util/zstdframe"
)

const (
	// A node gives up a connection on which it hears nothing for two minutes.
	keepAlive = 50 * time.Second
	// Changes that come so close together are sent as one.
	together = 50 * time.Millisecond
)

var (
	user  = tailcfg.User{ID: 1, DisplayName: "Tagged Devices"}
	login = tailcfg.Login{ID: 1, LoginName: "tagged-devices", DisplayName: "Tagged Devices"}
)

// serveNodes adds the control protocol.
func (t *tailnet) serveNodes(mux *http.ServeMux) {
	mux.HandleFunc("GET /key", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, &tailcfg.OverTLSPublicKeyResponse{LegacyPublicKey: t.legacy, PublicKey: t.noise.Public()})
	})
	mux.HandleFunc("/ts2021", t.serveNoise)
	mux.HandleFunc("/generate_204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
}

// serveNoise carries everything that a node sends: HTTP/2 in the Noise channel, which proves the machine.
func (t *tailnet) serveNoise(w http.ResponseWriter, r *http.Request) {
	conn, err := controlhttpserver.AcceptHTTP(r.Context(), w, r, t.noise, nil)
	if err != nil {
		log.Printf("noise: %v", err)
		return
	}
	defer conn.Close()
	machine := conn.Peer()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /machine/register", func(w http.ResponseWriter, r *http.Request) { t.serveRegister(w, r, machine) })
	mux.HandleFunc("POST /machine/map", func(w http.ResponseWriter, r *http.Request) { t.serveMap(w, r, machine) })
	nothing := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	mux.HandleFunc("POST /machine/update-health", nothing)
	mux.HandleFunc("/machine/set-device-attr", nothing)
	(&http2.Server{}).ServeConn(conn, &http2.ServeConnOpts{
		Context: context.WithoutCancel(r.Context()), BaseConfig: &http.Server{Handler: logged(mux)},
	})
}

// serveRegister lets a node in, logs it out, or gives a device that is known a new key.
func (t *tailnet) serveRegister(w http.ResponseWriter, r *http.Request, machine key.MachinePublic) {
	var req tailcfg.RegisterRequest
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	answer(w, t.registerLocked(&req, machine))
}

func (t *tailnet) registerLocked(req *tailcfg.RegisterRequest, machine key.MachinePublic) *tailcfg.RegisterResponse {
	resp := &tailcfg.RegisterResponse{User: user, Login: login, MachineAuthorized: true}
	known := t.findLocked(withKey(req.NodeKey))
	if known != nil && known.node.Machine != machine {
		resp.Error = "the node key belongs to another machine"
		return resp
	}
	if known != nil && !req.Expiry.IsZero() && req.Expiry.Before(time.Now()) {
		log.Printf("logged out: %s", known.node.Name)
		known.node.KeyExpiry = req.Expiry
		resp.NodeKeyExpired = true
		if known.ephemeral {
			t.removeLocked(known)
		}
		t.changeLocked()
		return resp
	}
	if known != nil && known.node.KeyExpiry.IsZero() {
		return resp // it starts again
	}
	var shown string
	if req.Auth != nil {
		shown = req.Auth.AuthKey
	}
	ak, why := t.spendLocked(shown)
	if why != "" {
		resp.Error = why
		return resp
	}
	old := t.findLocked(withKey(req.OldNodeKey))
	if !req.OldNodeKey.IsZero() && old != nil && old.node.Machine == machine {
		old.node.Key, old.node.KeyExpiry = req.NodeKey, time.Time{}
		t.changeLocked()
		return resp
	}
	t.joinLocked(req, machine, ak)
	return resp
}

// serveMap takes what a node says of itself and, where it streams, sends every change until it leaves.
func (t *tailnet) serveMap(w http.ResponseWriter, r *http.Request, machine key.MachinePublic) {
	var req tailcfg.MapRequest
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	t.mu.Lock()
	d := t.findLocked(withKey(req.NodeKey))
	if d == nil || d.node.Machine != machine {
		t.mu.Unlock()
		http.Error(w, "node not found", http.StatusNotFound)
		return
	}
	streams := req.Stream && !req.ReadOnly
	if !req.ReadOnly {
		t.updateLocked(d, &req)
	}
	if streams {
		d.streams++
		defer func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			if d.streams--; d.streams == 0 {
				t.leftLocked(d)
			}
		}()
	}
	t.mu.Unlock()
	t.follow(w, r.Context(), d, &req, streams)
}

func (t *tailnet) updateLocked(d *device, req *tailcfg.MapRequest) {
	d.node.Endpoints, d.node.DiscoKey, d.node.Cap, d.lastSeen = req.Endpoints, req.DiscoKey, req.Version, time.Now()
	if info := req.Hostinfo; info != nil {
		if info.Hostname != "" && info.Hostname != d.hostname {
			d.hostname = info.Hostname
			d.node.Name = t.nameLocked(d.hostname)
		}
		d.node.Hostinfo = info.View()
		if info.NetInfo != nil && info.NetInfo.PreferredDERP != 0 {
			d.node.HomeDERP = info.NetInfo.PreferredDERP
		}
	}
	t.changeLocked()
}

func (t *tailnet) follow(w http.ResponseWriter, ctx context.Context, d *device, req *tailcfg.MapRequest, streams bool) {
	alive := time.NewTicker(keepAlive)
	defer alive.Stop()
	for {
		t.mu.Lock()
		there, changed := slices.Contains(t.devices, d), t.changed
		var resp *tailcfg.MapResponse
		if there {
			resp = t.netmapLocked(d)
		}
		t.mu.Unlock()
		if !there || !send(w, req.Compress, resp) || !streams {
			return
		}
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return
			case <-alive.C:
				if !send(w, req.Compress, &tailcfg.MapResponse{KeepAlive: true}) {
					return
				}
			case <-changed:
				time.Sleep(together)
				waiting = false
			}
		}
	}
}

// netmapLocked is the tailnet as a device sees it: everybody reaches everybody.
func (t *tailnet) netmapLocked(d *device) *tailcfg.MapResponse {
	now := time.Now()
	resp := &tailcfg.MapResponse{
		Node: d.node.Clone(), DERPMap: t.relay, Domain: t.domain, CollectServices: "false", ControlTime: &now,
		PacketFilter: tailcfg.FilterAllowAll, Peers: []*tailcfg.Node{},
		DNSConfig:    &tailcfg.DNSConfig{Proxied: true, Domains: []string{t.domain}},
		UserProfiles: []tailcfg.UserProfile{{ID: user.ID, LoginName: login.LoginName, DisplayName: user.DisplayName}},
	}
	for _, one := range t.devices {
		if one == d || !one.node.KeyExpiry.IsZero() {
			continue
		}
		peer, online := one.node.Clone(), one.streams > 0
		peer.Online, peer.CapMap = &online, nil
		if !online {
			seen := one.lastSeen
			peer.LastSeen = &seen
		}
		resp.Peers = append(resp.Peers, peer)
	}
	slices.SortFunc(resp.Peers, func(a, b *tailcfg.Node) int { return int(a.ID - b.ID) })
	return resp
}

func send(w http.ResponseWriter, compress string, message *tailcfg.MapResponse) bool {
	body, err := json.Marshal(message)
	if err != nil {
		log.Printf("netmap: %v", err)
		return false
	}
	if compress != "" {
		body = zstdframe.AppendEncode(nil, body, zstdframe.FastestCompression)
	}
	framed := append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body...)
	if _, err := w.Write(framed); err != nil {
		return false
	}
	return http.NewResponseController(w).Flush() == nil
}
