import { quoted, SCOPE, type Writer } from './facts.ts';

/** Spring Boot: what it is told, and the two things that it must be told in Java. */
export const javaWeb: Writer = ({ issuer, client, redirectUri }) => ({
  name: 'Java (Spring)',
  files: [
    {
      label: 'application.yaml',
      lines: [
        '# spring-boot-starter-oauth2-client, spring-boot-starter-security, spring-boot-starter-web',
        '# In the environment: CLIENT_SECRET',
        'spring:',
        '  security:',
        '    oauth2:',
        '      client:',
        '        registration:',
        '          op:',
        `            client-id: ${quoted(client.client_id)}`,
        `            client-secret: \${CLIENT_SECRET}`,
        `            client-authentication-method: ${client.token_endpoint_auth_method}`,
        '            authorization-grant-type: authorization_code',
        `            redirect-uri: ${quoted(redirectUri)}`,
        `            scope: [${SCOPE.split(' ').join(', ')}]`,
        '        provider:',
        '          op:',
        `            issuer-uri: ${quoted(issuer)}`,
      ],
    },
    {
      label: 'SecurityConfig.java',
      lines: [
        'import org.springframework.context.annotation.Bean;',
        'import org.springframework.context.annotation.Configuration;',
        'import org.springframework.security.config.annotation.web.builders.HttpSecurity;',
        'import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;',
        'import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;',
        'import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;',
        'import org.springframework.security.web.SecurityFilterChain;',
        '',
        '@Configuration',
        'class SecurityConfig {',
        '    @Bean',
        '    SecurityFilterChain security(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {',
        '        // Spring Security 6 sends no PKCE for clients with a secret unless told to.',
        '        var requests = new DefaultOAuth2AuthorizationRequestResolver(clients, "/oauth2/authorization");',
        '        requests.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce());',
        '        return http',
        '            .authorizeHttpRequests(rules -> rules.anyRequest().authenticated())',
        '            .oauth2Login(login -> login',
        '                .authorizationEndpoint(endpoint -> endpoint.authorizationRequestResolver(requests))',
        `                .redirectionEndpoint(endpoint -> endpoint.baseUri(${quoted(new URL(redirectUri).pathname)})))`,
        '            .build();',
        '    }',
        '}',
      ],
    },
  ],
});

/** With the JDK alone: a token is one request. */
export const javaService: Writer = ({ issuer, client, target }) => {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(target && { resource: target.identifier }),
    ...(target?.scopes.length && { scope: target.scopes.join(' ') }),
  });
  return {
    name: 'Java',
    files: [
      {
        label: 'Token.java',
        lines: [
          '// java Token.java; in the environment: CLIENT_SECRET',
          'import java.net.URI;',
          'import java.net.URLEncoder;',
          'import java.net.http.HttpClient;',
          'import java.net.http.HttpRequest;',
          'import java.net.http.HttpResponse.BodyHandlers;',
          'import java.util.Base64;',
          '',
          'import static java.nio.charset.StandardCharsets.UTF_8;',
          '',
          'class Token {',
          '    public static void main(String[] args) throws Exception {',
          `        var id = URLEncoder.encode(${quoted(client.client_id)}, UTF_8);`,
          '        var secret = URLEncoder.encode(System.getenv("CLIENT_SECRET"), UTF_8);',
          '        var basic = Base64.getEncoder().encodeToString((id + ":" + secret).getBytes(UTF_8));',
          `        var request = HttpRequest.newBuilder(URI.create(${quoted(`${issuer}/token`)}))`,
          '            .header("Authorization", "Basic " + basic)',
          '            .header("Content-Type", "application/x-www-form-urlencoded")',
          `            .POST(HttpRequest.BodyPublishers.ofString(${quoted(form.toString())}))`,
          '            .build();',
          '        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());',
          '        if (answer.statusCode() != 200) throw new IllegalStateException(answer.body());',
          '        System.out.println(answer.body());',
          '    }',
          '}',
        ],
      },
    ],
  };
};
