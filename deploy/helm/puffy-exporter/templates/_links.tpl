{{/* A text with each first of .pairs replaced by its second. What was put in is not looked at again. */}}
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

{{/* A shipped file's text, its links led to where config.links says. The checks' page comes first: it begins as the exporter does. */}}
{{- define "puffy.linked" -}}
{{- $links := dig "links" dict .config | default dict -}}
{{- $pairs := list -}}
{{- with $links.runbooks }}{{ $pairs = append $pairs (list "http://localhost:10110/runbooks/checks" .) }}{{ end -}}
{{- with $links.exporter }}{{ $pairs = append $pairs (list "http://localhost:10110" .) }}{{ end -}}
{{- with $links.grafana }}{{ $pairs = append $pairs (list "http://localhost:3000" .) }}{{ end -}}
{{- with $links.alertmanager }}{{ $pairs = append $pairs (list "http://localhost:9093" .) }}{{ end -}}
{{- include "puffy.replaced" (dict "text" .text "pairs" $pairs) -}}
{{- end -}}

{{/* Alertmanager's shipped configuration with the addresses of the values in place of the examples. */}}
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
