package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"tailscale.com/net/tsaddr"
)

// service is a Tailscale Service as the API has it. Nodes hear nothing of it: no host serves one here.
type service struct {
	Name        string            `json:"name"`
	DisplayName string            `json:"displayName,omitempty"`
	Addrs       []string          `json:"addrs,omitempty"`
	Comment     string            `json:"comment,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Ports       []string          `json:"ports,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
}

func (t *tailnet) listServices(w http.ResponseWriter, _ *http.Request, _ grant) {
	listed := []service{}
	for _, name := range slices.Sorted(maps.Keys(t.services)) {
		listed = append(listed, t.services[name])
	}
	answer(w, map[string]any{"vipServices": listed})
}

func (t *tailnet) getService(w http.ResponseWriter, r *http.Request, _ grant) {
	found, ok := t.services[r.PathValue("name")]
	if !ok {
		refuse(w, http.StatusNotFound, "service not found")
		return
	}
	answer(w, found)
}

// putService creates a Service, or replaces it; its addresses stay.
func (t *tailnet) putService(w http.ResponseWriter, r *http.Request, by grant) {
	name := r.PathValue("name")
	var wanted service
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if !strings.HasPrefix(name, "svc:") || wanted.Name != name {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("invalid service name %q", name))
		return
	}
	if !by.owns(wanted.Tags) {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("requested tags %v are invalid or not permitted", wanted.Tags))
		return
	}
	if before, ok := t.services[name]; ok {
		wanted.Addrs = before.Addrs
	} else {
		t.serial++
		v4 := netip.AddrFrom4([4]byte{100, 100, byte(t.serial >> 8), byte(t.serial)})
		wanted.Addrs = []string{v4.String(), tsaddr.Tailscale4To6(v4).String()}
	}
	t.services[name] = wanted
	answer(w, wanted)
}

func (t *tailnet) deleteService(w http.ResponseWriter, r *http.Request, _ grant) {
	name := r.PathValue("name")
	if _, ok := t.services[name]; !ok {
		refuse(w, http.StatusNotFound, "service not found")
		return
	}
	delete(t.services, name)
}
