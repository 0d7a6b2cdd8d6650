{{- define "vpnverdict.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}
{{- end }}

{{- define "vpnverdict.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "vpnverdict.labels" -}}
{{ include "vpnverdict.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: vpnverdict
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "vpnverdict.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "vpnverdict.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "vpnverdict.fullname" .) .Values.serviceAccount.name }}
{{- else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{/* Name of a role's Deployment: that of the release for `all`. Takes [root, role]. */}}
{{- define "vpnverdict.workload" -}}
{{- $root := index . 0 }}{{ $role := index . 1 }}
{{- include "vpnverdict.fullname" $root }}{{ if ne $role "all" }}-{{ $role }}{{ end }}
{{- end }}

{{/* The configuration as the program gets it: the user's, and what the chart knows better. */}}
{{- define "vpnverdict.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $metrics := dict "listen_address" "0.0.0.0" "listen_port" (int .Values.metrics.port) }}
{{- with .Values.metrics.tls }}
{{- if .existingSecret }}
{{- $_ := set $metrics "tls_certificate_file" (printf "/etc/vpnverdict-port/%s" .certKey) }}
{{- $_ := set $metrics "tls_key_file" (printf "/etc/vpnverdict-port/%s" .keyKey) }}
{{- end }}
{{- end }}
{{- $own := dict "metrics" $metrics }}
{{- with .Values.page.token }}
{{- if .existingSecret }}
{{- $_ := set $own "page" (dict "token_file" (printf "/etc/vpnverdict-page/%s" .key)) }}
{{- end }}
{{- end }}
{{- if .Values.inventory }}
{{- $_ := set $own "inventory" (dict "file" "inventory.yaml") }}
{{- end }}
{{- with .Values.kafka.tls }}
{{- if .existingSecret }}
{{- $properties := dict }}
{{- if .caKey }}{{ $_ := set $properties "ssl.ca.location" (printf "/etc/vpnverdict-tls/%s" .caKey) }}{{ end }}
{{- if .certKey }}{{ $_ := set $properties "ssl.certificate.location" (printf "/etc/vpnverdict-tls/%s" .certKey) }}{{ end }}
{{- if .keyKey }}{{ $_ := set $properties "ssl.key.location" (printf "/etc/vpnverdict-tls/%s" .keyKey) }}{{ end }}
{{- $_ := set $own "kafka" (dict "properties" $properties) }}
{{- end }}
{{- end }}
{{- toYaml (mergeOverwrite $config $own) }}
{{- end }}

{{/* What the configuration names by a path: the configuration itself, and the secrets of the port and the page. Whole folders, not
single files: only these follow a secret that changes. */}}
{{- define "vpnverdict.mounts" -}}
- name: config
  mountPath: /etc/vpnverdict
  readOnly: true
{{- if .Values.metrics.tls.existingSecret }}
- name: port
  mountPath: /etc/vpnverdict-port
  readOnly: true
{{- end }}
{{- if .Values.page.token.existingSecret }}
- name: page
  mountPath: /etc/vpnverdict-page
  readOnly: true
{{- end }}
{{- end }}

{{- define "vpnverdict.volumes" -}}
- name: config
  configMap: {name: {{ include "vpnverdict.fullname" . }}}
{{- with .Values.metrics.tls.existingSecret }}
- name: port
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- with .Values.page.token.existingSecret }}
- name: page
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- end }}

{{- define "vpnverdict.scheme" -}}
{{- if .Values.metrics.tls.existingSecret }}HTTPS{{ else }}HTTP{{ end }}
{{- end }}

{{/* How a monitor asks. */}}
{{- define "vpnverdict.scrape" -}}
port: metrics
path: /metrics
interval: {{ .Values.podMonitor.interval }}
scrapeTimeout: {{ .Values.podMonitor.scrapeTimeout }}
{{- with .Values.metrics.tls }}
{{- if .existingSecret }}
scheme: https
tlsConfig:
  serverName: {{ .serverName | default (include "vpnverdict.fullname" $) }}
  {{- if .caKey }}
  ca:
    secret: {name: {{ .existingSecret }}, key: {{ .caKey }}}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Longest drain in seconds, and a little more. */}}
{{- define "vpnverdict.grace" -}}
{{- $ms := dig "service" "shutdown_ms" 25000 .Values.config | int }}
{{- add 10 (ceil (divf $ms 1000)) }}
{{- end }}

{{- define "vpnverdict.scales" -}}
{{- if or .Values.keda.enabled .Values.hpa.enabled }}true{{ end }}
{{- end }}

{{/* What must not be installed is refused here with a sentence. */}}
{{- define "vpnverdict.check" -}}
{{- if and .Values.keda.enabled .Values.hpa.enabled }}{{ fail "keda and hpa both scale: enable one" }}{{ end }}
{{- if and .Values.podMonitor.enabled .Values.serviceMonitor.enabled }}{{ fail "podMonitor and serviceMonitor would scrape twice: enable one" }}{{ end }}
{{- $split := or .Values.roles.ingest.enabled .Values.roles.correlate.enabled .Values.roles.incidents.enabled }}
{{- if and $split .Values.roles.all.enabled }}{{ fail "roles.all does the work of the other roles: disable it, or them" }}{{ end }}
{{- if not (or $split .Values.roles.all.enabled) }}{{ fail "no role is enabled" }}{{ end }}
{{- end }}
