{{/* The pod for both modes. .args: the command; .serves: whether it listens on a port. */}}
{{- define "puffy.pod" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $feeds := include "puffy.feedsConfigMap" .root -}}
{{- $auth := and $values.web.existingSecret $values.web.auth -}}
serviceAccountName: {{ include "puffy.serviceAccount" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- toYaml $values.podSecurityContext | nindent 2 }}
terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- range $key := list "nodeSelector" "tolerations" "affinity" }}
{{- with index $values $key }}
{{ $key }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
containers:
  - name: exporter
    image: {{ include "puffy.image" .root }}
    imagePullPolicy: {{ $values.image.pullPolicy }}
    args: {{- toYaml (concat .args $values.extraArgs) | nindent 6 }}
    env:
      - {name: PUFFY_CONFIG_FILE, value: /etc/puffy/config/puffy.yml}
      - {name: PUFFY_OUTPUT_DIR, value: /output}
      {{- if $feeds }}
      - {name: PUFFY_FEEDS_DIR, value: /etc/puffy/feeds}
      # Not set: it would override the folder that each contract names.
      - {name: PUFFY_DATA_DIR, value: {{ $values.data.url | quote }}}
      {{- else }}
      - {name: PUFFY_DATA_DIR, value: {{ default "/data" $values.data.url | quote }}}
      {{- end }}
      - {name: PUFFY_LOG_FORMAT, value: {{ $values.logFormat }}}
      {{- if .serves }}
      - {name: PUFFY_WEB_LISTEN_ADDRESS, value: "0.0.0.0:{{ $values.web.port }}"}
      {{- if $values.web.existingSecret }}
      - {name: PUFFY_WEB_CONFIG_FILE, value: /etc/puffy/web/{{ $values.web.key }}}
      {{- end }}
      {{- end }}
      {{- with $values.extraEnv }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- if .serves }}
    ports:
      - {name: http, containerPort: {{ $values.web.port }}, protocol: TCP}
    # The first pass may take minutes; until it is done the pod is alive but not ready.
    {{- range $probe, $path := dict "startupProbe" "/-/healthy" "livenessProbe" "/-/healthy" "readinessProbe" "/-/ready" }}
    {{ $probe }}:
      {{- if $auth }}
      tcpSocket: {port: http}
      {{- else }}
      httpGet: {path: {{ $path }}, port: http, scheme: {{ ternary "HTTPS" "HTTP" (and $values.web.tls (ne $values.web.existingSecret "")) }}}
      {{- end }}
      periodSeconds: {{ ternary 10 5 (eq $probe "livenessProbe") }}
      timeoutSeconds: 3
      failureThreshold: {{ get (dict "startupProbe" 24 "livenessProbe" 6 "readinessProbe" 3) $probe }}
    {{- end }}
    {{- end }}
    resources: {{- toYaml $values.resources | nindent 6 }}
    securityContext: {{- toYaml $values.securityContext | nindent 6 }}
    volumeMounts:
      - {name: config, mountPath: /etc/puffy/config, readOnly: true}
      {{- if $feeds }}
      - {name: feeds, mountPath: /etc/puffy/feeds, readOnly: true}
      {{- end }}
      {{- if and .serves $values.web.existingSecret }}
      - {name: web, mountPath: /etc/puffy/web, readOnly: true}
      {{- end }}
      {{- if not $values.data.url }}
      - name: data
        mountPath: /data
        readOnly: true
        {{- with $values.data.subPath }}
        subPath: {{ . }}
        {{- end }}
      {{- end }}
      - {name: output, mountPath: /output}
      - {name: tmp, mountPath: /tmp}
volumes:
  - name: config
    configMap: {name: {{ include "puffy.fullname" $root }}-config}
  {{- with $feeds }}
  - name: feeds
    configMap: {name: {{ . }}}
  {{- end }}
  {{- if and .serves $values.web.existingSecret }}
  - name: web
    secret: {secretName: {{ $values.web.existingSecret }}, defaultMode: 288} # 0440
  {{- end }}
  {{- if $values.data.existingClaim }}
  - name: data
    persistentVolumeClaim: {claimName: {{ $values.data.existingClaim }}, readOnly: true}
  {{- else if $values.data.volume }}
  - name: data {{- toYaml $values.data.volume | nindent 4 }}
  {{- end }}
  - name: output
    persistentVolumeClaim: {claimName: {{ include "puffy.outputClaim" $root }}}
  - name: tmp
    emptyDir: {sizeLimit: {{ $values.tmp.sizeLimit }}}
{{- end -}}
