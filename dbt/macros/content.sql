{#- The format of a piece of content, by its type: audio, video or text by the words in it; else other. -#}
{% macro content_format(content_type) -%}
    case
        when {{ content_type }} ~* '{{ var("audio_types") }}' then 'audio'
        when {{ content_type }} ~* '{{ var("video_types") }}' then 'video'
        when {{ content_type }} ~* '{{ var("text_types") }}' then 'text'
        else 'other'
    end
{%- endmacro %}
