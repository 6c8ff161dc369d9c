package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Printf("answer: %v", err)
	}
}

func refuse(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(map[string]string{"message": message}); err != nil {
		log.Printf("answer: %v", err)
	}
}

// handler answers a request of a caller that may make it, with mu held.
type handler func(w http.ResponseWriter, r *http.Request, by grant)

// serveAPI adds Tailscale's HTTP API.
func (t *tailnet) serveAPI(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/v2/oauth/token", t.serveToken)
	route := func(pattern, scope string, h handler) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /api/v2/"+path, func(w http.ResponseWriter, r *http.Request) {
			t.mu.Lock()
			defer t.mu.Unlock()
			by, known := t.access.grantLocked(r)
			name := r.PathValue("tailnet")
			switch {
			case !known:
				refuse(w, http.StatusUnauthorized, "API token invalid")
			case !by.covers(scope):
				refuse(w, http.StatusForbidden, "calling actor does not have enough permissions to perform this function")
			case name != "" && name != "-" && name != t.domain:
				refuse(w, http.StatusNotFound, "tailnet not found")
			default:
				h(w, r, by)
			}
		})
	}
	route("GET tailnet/{tailnet}/devices", "devices:core:read", t.listDevices)
	route("GET device/{id}", "devices:core:read", t.getDevice)
	route("DELETE device/{id}", "devices:core", t.deleteDevice)
	route("POST tailnet/{tailnet}/keys", "auth_keys", t.createKey)
	route("GET tailnet/{tailnet}/keys", "auth_keys:read", t.listKeys)
	route("GET tailnet/{tailnet}/keys/{id}", "auth_keys:read", t.getKey)
	route("DELETE tailnet/{tailnet}/keys/{id}", "auth_keys", t.deleteKey)
	// The documentation and the vendor's clients call them differently.
	for _, services := range []string{"services", "vip-services"} {
		route("GET tailnet/{tailnet}/"+services, "services:read", t.listServices)
		route("GET tailnet/{tailnet}/"+services+"/{name}", "services:read", t.getService)
		route("PUT tailnet/{tailnet}/"+services+"/{name}", "services", t.putService)
		route("DELETE tailnet/{tailnet}/"+services+"/{name}", "services", t.deleteService)
	}
	mux.HandleFunc("/api/v2/", func(w http.ResponseWriter, r *http.Request) {
		log.Printf("not served: %s %s", r.Method, r.URL)
		http.NotFound(w, r)
	})
}

// listDevices: filters are exact and may be repeated; each one must hold.
func (t *tailnet) listDevices(w http.ResponseWriter, r *http.Request, _ grant) {
	query, listed := r.URL.Query(), []map[string]any{}
	for _, d := range t.devices {
		if d.matches(query) {
			listed = append(listed, d.shown(query.Get("fields") == "all"))
		}
	}
	answer(w, map[string]any{"devices": listed})
}

func (d *device) matches(query map[string][]string) bool {
	for name, values := range query {
		for _, value := range values {
			var holds bool
			switch name {
			case "isEphemeral":
				holds = strconv.FormatBool(d.ephemeral) == value
			case "tags":
				holds = slices.Contains(d.node.Tags, value)
			case "hostname":
				holds = d.hostname == value
			case "name":
				holds = d.name() == value
			default:
				holds = true
			}
			if !holds {
				return false
			}
		}
	}
	return true
}

func (t *tailnet) byIDLocked(id string) *device {
	return t.findLocked(func(d *device) bool { return string(d.node.StableID) == id || d.id() == id })
}

func (t *tailnet) getDevice(w http.ResponseWriter, r *http.Request, _ grant) {
	d := t.byIDLocked(r.PathValue("id"))
	if d == nil {
		refuse(w, http.StatusNotFound, "no such device")
		return
	}
	answer(w, d.shown(r.URL.Query().Get("fields") == "all"))
}

func (t *tailnet) deleteDevice(w http.ResponseWriter, r *http.Request, _ grant) {
	d := t.byIDLocked(r.PathValue("id"))
	if d == nil {
		refuse(w, http.StatusNotFound, "no such device")
		return
	}
	t.removeLocked(d)
}

// id is the older of the two ids.
func (d *device) id() string { return fmt.Sprint(int64(d.node.ID)) }

func (d *device) name() string { return strings.TrimSuffix(d.node.Name, ".") }

// shown is the device as the API shows it.
func (d *device) shown(all bool) map[string]any {
	addresses := []string{}
	for _, prefix := range d.node.Addresses {
		addresses = append(addresses, prefix.Addr().String())
	}
	expires := "0001-01-01T00:00:00Z"
	if !d.node.KeyExpiry.IsZero() {
		expires = d.node.KeyExpiry.UTC().Format(time.RFC3339)
	}
	shown := map[string]any{
		"id": d.id(), "nodeId": d.node.StableID, "name": d.name(), "hostname": d.hostname, "addresses": addresses,
		"user": "tagged-devices", "os": d.node.Hostinfo.OS(), "clientVersion": d.node.Hostinfo.IPNVersion(),
		"created": d.created.UTC().Format(time.RFC3339), "expires": expires, "keyExpiryDisabled": d.node.KeyExpiry.IsZero(),
		"authorized": true, "isExternal": false, "isEphemeral": d.ephemeral, "connectedToControl": d.streams > 0,
		"machineKey": d.node.Machine.String(), "nodeKey": d.node.Key.String(), "tailnetLockError": "", "tailnetLockKey": "",
		"blocksIncomingConnections": d.node.Hostinfo.ShieldsUp(), "updateAvailable": false,
	}
	if len(d.node.Tags) > 0 {
		shown["tags"] = d.node.Tags
	}
	if d.streams == 0 {
		shown["lastSeen"] = d.lastSeen.UTC().Format(time.RFC3339)
	}
	if all {
		shown["sshEnabled"], shown["advertisedRoutes"], shown["enabledRoutes"] = false, []string{}, []string{}
		shown["distro"] = map[string]string{
			"name": d.node.Hostinfo.Distro(), "version": d.node.Hostinfo.DistroVersion(), "codeName": d.node.Hostinfo.DistroCodeName(),
		}
	}
	return shown
}
