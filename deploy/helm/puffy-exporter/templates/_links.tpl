{{/* .text with all .pairs (old, new) replaced at once: replacements are not replaced again. */}}
{{- define "puffy.replaced" -}}
{{- $text := .text -}}
{{- range $index, $pair := .pairs -}}
{{- $text = replace (first $pair) (printf "<<%d>>" $index) $text -}}
{{- end -}}
{{- range $index, $pair := .pairs -}}
{{- $text = replace (printf "<<%d>>" $index) (last $pair) $text -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{/* .text with the links of .config.links. The checks' runbooks come first, as their default begins with the exporter's. */}}
{{- define "puffy.linked" -}}
{{- $links := dig "links" dict .config | default dict -}}
{{- $pairs := list -}}
{{- with $links.runbooks }}{{ $pairs = append $pairs (list "http://localhost:10110/runbooks/checks" .) }}{{ end -}}
{{- with $links.exporter }}{{ $pairs = append $pairs (list "http://localhost:10110" .) }}{{ end -}}
{{- with $links.grafana }}{{ $pairs = append $pairs (list "http://localhost:3000" .) }}{{ end -}}
{{- with $links.alertmanager }}{{ $pairs = append $pairs (list "http://localhost:9093" .) }}{{ end -}}
{{- include "puffy.replaced" (dict "text" .text "pairs" $pairs) -}}
{{- end -}}

{{/* Alertmanager's configuration with .values in place of the example addresses. */}}
{{- define "puffy.addressed" -}}
{{- $values := .values -}}
{{- $pairs := list
  (list "smtp.example.com:587" $values.smarthost)
  (list "data-engineering@example.com" $values.mail.dataEngineering)
  (list "analytics@example.com" $values.mail.analytics)
  (list "alertmanager@example.com" $values.from)
  (list "https://heartbeat.example.com/puffy" $values.heartbeatUrl)
  (list "#data-engineering" $values.slack.dataEngineering)
  (list "#analytics-data-quality" $values.slack.analytics) -}}
{{- include "puffy.replaced" (dict "text" .text "pairs" (concat $pairs .pairs)) -}}
{{- end -}}
